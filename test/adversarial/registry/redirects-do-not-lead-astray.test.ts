// SPDX-License-Identifier: Apache-2.0
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { mediaTypes } from '../../../src/oci/media-types.js'
import { makeAuthority, type TestAuthority } from '../../support/registry/certificates.js'
import { htpasswdUser } from '../../support/registry/docker-registry.js'
import { type FakeHandler, sendError, sendJson, startFakeRegistry } from '../../support/registry/fake-registry.js'
import { download, makeBlob, openable, useRegistryFixture } from '../../support/registry/registry-fixture.js'

const fixture = useRegistryFixture()
let authority: TestAuthority
let opening: () => Promise<FileHandle>
beforeAll(async () => {
  authority = await makeAuthority(join(fixture.directory, 'tls'))
  opening = await openable(fixture.directory, bytes)
})
const { bytes, descriptor } = makeBlob(5000)
const basic = { 'www-authenticate': 'Basic realm="tests"' }
const behindBasic =
  (handler: FakeHandler): FakeHandler =>
  (request, answer) =>
    request.headers.authorization ? handler(request, answer) : sendError(answer, 401, { code: 'UNAUTHORIZED' }, basic)
const bearer =
  (realm: string): FakeHandler =>
  (_, answer) =>
    sendError(answer, 401, { code: 'UNAUTHORIZED' }, { 'www-authenticate': `Bearer realm="${realm}",service="s"` })
const fetch = async (host: string, options: Parameters<typeof fixture.client>[0] = {}) => {
  const client = fixture.client({ ...options, [host]: { auth: htpasswdUser, ...options[host] } })
  return await download(client, { host, repository: 'a/b' }, { blob: descriptor, directory: fixture.directory })
}

describe('a redirect to another host', () => {
  test('is followed without Authorization', async () => {
    const storage = await fixture.keep(startFakeRegistry((_, answer) => answer.end(bytes)))
    const registry = await fixture.keep(
      startFakeRegistry(
        behindBasic((_, answer) => answer.writeHead(307, { location: `${storage.origin}/blob?signature=x` }).end()),
      ),
    )
    const got = await fetch(registry.host)
    expect(got.error).toBeUndefined()
    expect(got.bytes.equals(bytes)).toBe(true)
    expect(storage.seen.map(({ authorization }) => authorization)).toEqual([undefined])
  })

  test('that asks for credentials gets none', async () => {
    const thief = await fixture.keep(
      startFakeRegistry((_, answer) => sendError(answer, 401, { code: 'UNAUTHORIZED' }, basic)),
    )
    const registry = await fixture.keep(
      startFakeRegistry(behindBasic((_, answer) => answer.writeHead(302, { location: `${thief.origin}/x` }).end())),
    )
    const got = await fetch(registry.host)
    expect(got.error).toMatchObject({ code: 'ERR_REGISTRY_UNAUTHORIZED', message: expect.stringContaining('redirect') })
    expect(thief.seen.length).toBeGreaterThan(0)
    expect(thief.seen.every(({ authorization }) => authorization === undefined)).toBe(true)
  })

  test.each([
    'http://169.254.169.254/latest/meta-data/',
    'http://2852039166/',
    'http://[fe80::1]/',
    'http://[::ffff:169.254.169.254]/',
    'http://metadata.google.internal/',
    'file:///etc/passwd',
    'ftp://example.org/',
    'http://user:password@127.0.0.1/',
    'http://',
  ])('%s is not followed', async (location) => {
    const registry = await fixture.keep(startFakeRegistry((_, answer) => answer.writeHead(307, { location }).end()))
    const got = await fetch(registry.host)
    expect(got.error).toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL' })
  })

  test('that never ends is given up', async () => {
    let count = 0
    const registry = await fixture.keep(
      startFakeRegistry((_, answer) => answer.writeHead(307, { location: `/${count++}` }).end()),
    )
    expect((await fetch(registry.host)).error).toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL' })
    expect(count).toBeLessThan(10)
  })

  test('from https to http is refused', async () => {
    const plain = await fixture.keep(startFakeRegistry((_, answer) => answer.end(bytes)))
    const tls = await authority.issue('127.0.0.1')
    const registry = await fixture.keep(
      startFakeRegistry((_, answer) => answer.writeHead(307, { location: `${plain.origin}/x` }).end(), tls),
    )
    const got = await fetch(registry.host, { [registry.host]: { ca: authority.pem } })
    expect(got.error).toMatchObject({
      code: 'ERR_REGISTRY_PROTOCOL',
      message: expect.stringContaining('https to http'),
    })
    expect(plain.seen).toEqual([])
  })

  test.each([
    'http://169.254.169.254/latest/meta-data/',
    'http://[fe80::1]/',
    'http://metadata.google.internal/',
    'file:///etc/passwd',
    'http://user:password@127.0.0.1/',
  ])('of an upload to %s is not followed', async (location) => {
    const registry = await fixture.keep(startFakeRegistry((_, answer) => answer.writeHead(202, { location }).end()))
    const client = fixture.client({ [registry.host]: { timeoutMs: 2000 } })
    const upload = client.uploadBlob({ host: registry.host, repository: 'a/b' }, descriptor, opening)
    await expect(upload).rejects.toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL' })
    expect(registry.seen.map(({ method }) => method)).toEqual(['POST'])
  })

  test('of an upload gets what is uploaded, and no credentials, also where it asks for them', async () => {
    const thief = await fixture.keep(
      startFakeRegistry((_, answer) => sendError(answer, 401, { code: 'UNAUTHORIZED' }, basic)),
    )
    const registry = await fixture.keep(
      startFakeRegistry(behindBasic((_, answer) => answer.writeHead(202, { location: `${thief.origin}/x` }).end())),
    )
    const client = fixture.client({ [registry.host]: { auth: htpasswdUser } })
    const upload = client.uploadBlob({ host: registry.host, repository: 'a/b' }, descriptor, opening)
    await expect(upload).rejects.toMatchObject({ code: 'ERR_REGISTRY_UNAUTHORIZED' })
    expect(thief.seen.map(({ method, authorization }) => [method, authorization])).toEqual([['PUT', undefined]])
  })
})

test('a layer from elsewhere is asked for without credentials, whatever is answered (CVE-2020-15157)', async () => {
  const tls = await authority.issue('127.0.0.1')
  const thief = await fixture.keep(
    startFakeRegistry((_, answer) => sendError(answer, 401, { code: 'UNAUTHORIZED' }, basic), tls),
  )
  const registry = await fixture.keep(
    startFakeRegistry(behindBasic((_, answer) => sendError(answer, 404, { code: 'BLOB_UNKNOWN' }))),
  )
  const client = fixture.client({
    [registry.host]: { auth: htpasswdUser },
    [thief.host]: { ca: authority.pem, auth: htpasswdUser },
  })
  const blob = { ...descriptor, mediaType: mediaTypes.dockerForeignLayerGzip, urls: [`${thief.origin}/layer`] }
  const got = await download(client, { host: registry.host, repository: 'a/b' }, { blob, directory: fixture.directory })
  expect(got.error).toMatchObject({ code: 'ERR_REGISTRY_BLOB_UNKNOWN' })
  expect(thief.seen.map(({ authorization }) => authorization)).toEqual([undefined])
})

describe('a token realm', () => {
  test.each([
    'http://169.254.169.254/token',
    'https://[fd00:ec2::254]/token',
    'file:///etc/passwd',
    'http://user:password@127.0.0.1/token',
    'token',
    'javascript:1',
  ])('%s gets nothing', async (realm) => {
    const registry = await fixture.keep(startFakeRegistry(bearer(realm)))
    expect((await fetch(registry.host)).error).toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL' })
  })

  test('on http gets nothing when the registry is on https', async () => {
    const service = await fixture.keep(startFakeRegistry((_, answer) => sendJson(answer, 200, { token: 'x' })))
    const tls = await authority.issue('127.0.0.1')
    const registry = await fixture.keep(startFakeRegistry(bearer(`${service.origin}/token`), tls))
    const got = await fetch(registry.host, { [registry.host]: { ca: authority.pem } })
    expect(got.error).toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL' })
    expect(service.seen).toEqual([])
  })

  test.each([
    ['a token with line breaks', { token: 'abc\r\nx-evil: 1' }],
    ['no token', {}],
    ['null', { token: null, access_token: null }],
    ['a token of __proto__', '{"__proto__":{"token":"abc"}}'],
    ['no JSON', '<html>'],
    ['a token twice', '{"token":"a","token":"b"}'],
  ])('that gives %s is refused', async (_, body) => {
    const service = await fixture.keep(startFakeRegistry((_request, answer) => sendJson(answer, 200, body)))
    const registry = await fixture.keep(startFakeRegistry(bearer(`${service.origin}/token`)))
    expect((await fetch(registry.host)).error).toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL' })
  })

  test('whose tokens are never good enough is not asked for ever', async () => {
    const service = await fixture.keep(startFakeRegistry((_, answer) => sendJson(answer, 200, { token: 'abc' })))
    const registry = await fixture.keep(startFakeRegistry(bearer(`${service.origin}/token`)))
    expect((await fetch(registry.host)).error).toMatchObject({ code: 'ERR_REGISTRY_UNAUTHORIZED' })
    expect(service.seen.length).toBeLessThanOrEqual(2)
  })
})
