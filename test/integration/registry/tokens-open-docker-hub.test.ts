// SPDX-License-Identifier: Apache-2.0
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Engine, Image, Registry } from '../../../src/index.js'
import type { RegistryHostOptions } from '../../../src/registry/registry-client.js'
import { makeAuthority, type TestAuthority } from '../../support/registry/certificates.js'
import { type DockerRegistry, startDockerRegistry } from '../../support/registry/docker-registry.js'
import { download, makeBlob, openable, pushImage, useRegistryFixture } from '../../support/registry/registry-fixture.js'
import { startTokenService, type TokenService } from '../../support/registry/token-service.js'
import { supervisorGone } from '../../support/test-engine.js'

// Docker Hub as it is: the registry and its token service under their own names, told apart from the real ones by where we connect.
const fixture = useRegistryFixture()
const user = { username: 'bob', password: 'builder of things' }
let authority: TestAuthority
let registry: DockerRegistry
let service: TokenService
let hosts: Record<string, RegistryHostOptions>

beforeAll(async () => {
  authority = await makeAuthority(join(fixture.directory, 'tls'))
  const [signer, tls, serviceTls] = [
    await authority.issue('signer'),
    await authority.issue('registry-1.docker.io'),
    await authority.issue('auth.docker.io'),
  ]
  const names = { service: 'registry.docker.io', issuer: 'tests' }
  const realm = 'https://auth.docker.io/token'
  const users = { [user.username]: user.password }
  service = await startTokenService({ ...names, signer, users, identityTokens: ['refresh-me'], tls: serviceTls, realm })
  const token = { ...names, realm, certificate: authority.file }
  registry = await startDockerRegistry(join(fixture.directory, 'hub'), { token, tls })
  hosts = {
    'docker.io': { ca: authority.pem, connectTo: registry.host },
    'auth.docker.io': { ca: authority.pem, connectTo: `127.0.0.1:${service.port}` },
  }
  const owner = fixture.client(hosts)
  await owner.ping('docker.io', { auth: user })
})
afterAll(async () => {
  await registry.stop()
  await service.stop()
})
beforeEach(() => {
  service.seen.length = 0
  service.lifeSeconds = 300
})
const hub = (repository: string) => ({ host: 'docker.io', repository })
const pushed = (repository: string) => {
  const client = fixture.client({ ...hosts, 'docker.io': { ...hosts['docker.io'], auth: user } })
  return pushImage(client, hub(repository), { directory: fixture.directory, tags: ['v1'] })
}

describe('a token', () => {
  test('is had for nothing to pull what is public, and serves for all of a pull', async () => {
    const { digest, layer } = await pushed('library/debian')
    service.seen.length = 0
    const client = fixture.client(hosts)
    expect((await client.manifest(hub('library/debian'), 'v1')).descriptor.digest).toBe(digest)
    const got = await download(client, hub('library/debian'), { blob: layer, directory: fixture.directory })
    expect(got.error).toBeUndefined()
    expect(service.seen).toEqual([{ method: 'GET', scopes: ['repository:library/debian:pull'], who: null }])
  })

  test('for what is private is refused to the anonymous, with the way to log in', async () => {
    await pushed('bob/secret')
    const client = fixture.client(hosts)
    await expect(client.manifest(hub('bob/secret'), 'v1')).rejects.toMatchObject({
      code: 'ERR_REGISTRY_UNAUTHORIZED',
      hint: expect.stringContaining("Registry.get('docker.io').login"),
    })
    expect((await client.manifest(hub('bob/secret'), 'v1', { auth: user })).bytes.byteLength).toBeGreaterThan(0)
  })

  test('goes from pull to push where a push follows', async () => {
    const { digest, bytes } = await pushed('bob/image')
    service.seen.length = 0
    const client = fixture.client({ ...hosts, 'docker.io': { ...hosts['docker.io'], auth: user } })
    expect((await client.manifest(hub('bob/image'), digest)).bytes.byteLength).toBe(bytes.byteLength)
    await client.putManifest(hub('bob/image'), 'v2', bytes, 'application/vnd.oci.image.manifest.v1+json')
    expect(service.seen.map(({ scopes }) => scopes)).toEqual([
      ['repository:bob/image:pull'],
      ['repository:bob/image:pull,push'],
    ])
    expect(service.seen.every(({ who }) => who === 'bob')).toBe(true)
  })

  test('for a mount is for both repositories', async () => {
    const client = fixture.client(hosts)
    const { bytes, descriptor } = makeBlob(500)
    await client.uploadBlob(hub('bob/from'), descriptor, await openable(fixture.directory, bytes), { auth: user })
    service.seen.length = 0
    expect(await client.mountBlob(hub('bob/to'), descriptor.digest, 'bob/from', { auth: user })).toBe(true)
    expect(service.seen.at(-1)?.scopes).toEqual(['repository:bob/to:pull,push', 'repository:bob/from:pull'])
  })

  test('that the registry does not take any more is renewed', async () => {
    await pushed('bob/refreshed')
    service.seen.length = 0
    // The registry goes by the token's own end, we by expires_in, of which less than a minute counts as one.
    service.lifeSeconds = -60
    const client = fixture.client(hosts)
    await expect(client.manifest(hub('bob/refreshed'), 'v1', { auth: user })).rejects.toMatchObject({
      code: 'ERR_REGISTRY_UNAUTHORIZED',
    })
    service.lifeSeconds = 300
    expect((await client.manifest(hub('bob/refreshed'), 'v1', { auth: user })).bytes.byteLength).toBeGreaterThan(0)
  })

  test('comes by POST for an identity token', async () => {
    await pushed('bob/identity')
    service.seen.length = 0
    const client = fixture.client(hosts)
    await client.manifest(hub('bob/identity'), 'v1', { auth: { identityToken: 'refresh-me' } })
    expect(service.seen).toEqual([
      { method: 'POST', scopes: ['repository:bob/identity:pull'], who: 'identity:refresh-me' },
    ])
  })

  test('is asked for once by many who want the same', async () => {
    const { digest } = await pushed('bob/shared')
    const client = fixture.client(hosts)
    await client.manifest(hub('bob/shared'), digest, { auth: user })
    service.seen.length = 0
    await Promise.all(Array.from({ length: 20 }, () => client.manifest(hub('bob/shared'), digest, { auth: user })))
    expect(service.seen).toEqual([])
  })

  test('is not had with a wrong password, which is not in the error', async () => {
    const client = fixture.client(hosts)
    const wrong = client.ping('docker.io', { auth: { username: 'bob', password: 'wrecker-of-things' } })
    const error: Error & { code?: string } = await wrong.then(
      () => new Error('no error'),
      (reason) => reason,
    )
    expect(error.code).toBe('ERR_REGISTRY_UNAUTHORIZED')
    expect(error.message).toContain('auth.docker.io')
    expect(JSON.stringify(error) + error.message + error.stack).not.toContain('wrecker')
  })
})

test('Registry.get(docker.io) logs in, lists and deletes under the familiar names', async () => {
  await pushed('library/familiar')
  const directory = join(fixture.directory, 'engine')
  const engine = await Engine.open({
    root: join(directory, 'root'),
    runRoot: join(directory, 'run'),
    registries: hosts,
  })
  try {
    const mine = Registry.get('docker.io', { engine })
    expect(await mine.tags('familiar')).toEqual(['v1'])
    await mine.login(user)
    await mine.delete('familiar:v1')
    await expect(mine.referrers('familiar:v1')).rejects.toMatchObject({ code: 'ERR_REGISTRY_MANIFEST_UNKNOWN' })
    await mine.logout()
  } finally {
    await engine.close()
    await rm(directory, { recursive: true, force: true })
  }
})

test('an image goes to Docker Hub and comes back, by the names that people write', async () => {
  const directory = join(fixture.directory, 'traveller')
  await mkdir(join(directory, 'tree'), { recursive: true })
  await mkdir(join(directory, 'run'), { mode: 0o700 })
  await writeFile(join(directory, 'tree/hello'), 'hello')
  const engine = await Engine.open({
    root: join(directory, 'root'),
    runRoot: join(directory, 'run'),
    registries: hosts,
  })
  try {
    const image = await Image.fromDirectory(join(directory, 'tree'), { engine, tag: 'public/traveller:v1' })
    await expect(image.push('public/traveller:v1')).rejects.toMatchObject({ code: 'ERR_REGISTRY_UNAUTHORIZED' })
    await image.push('public/traveller:v1', { auth: user })
    await image.remove({ force: true })
    service.seen.length = 0
    const back = await Image.pull('public/traveller:v1', { engine })
    expect(back.id).toBe(image.id)
    expect(service.seen).toEqual([{ method: 'GET', scopes: ['repository:public/traveller:pull'], who: null }])
    await back.remove({ force: true })
  } finally {
    await engine.close()
    await supervisorGone(join(directory, 'run'))
    await rm(directory, { recursive: true, force: true })
  }
})
