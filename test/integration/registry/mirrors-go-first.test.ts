// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type DockerRegistry, htpasswdUser, startDockerRegistry } from '../../support/registry/docker-registry.js'
import { type FakeHandler, sendError, startFakeRegistry } from '../../support/registry/fake-registry.js'
import { download, pushImage, useRegistryFixture } from '../../support/registry/registry-fixture.js'

const fixture = useRegistryFixture()
let origin: DockerRegistry
beforeAll(async () => {
  origin = await startDockerRegistry(join(fixture.directory, 'origin'))
})
afterAll(async () => {
  await origin.stop()
})
const at = (repository: string) => ({ host: origin.host, repository })
const push = (repository: string, layerBytes?: number) =>
  pushImage(fixture.client(), at(repository), {
    directory: fixture.directory,
    tags: ['v1'],
    ...(layerBytes && { layerBytes }),
  })
const requests = (registry: DockerRegistry, from = 0) =>
  registry.log.slice(from).filter((line) => /http.response.status=/.test(line)).length

describe('a mirror', () => {
  test('that pulls through serves, and remembers', async () => {
    const mirror = await fixture.keep(
      startDockerRegistry(join(fixture.directory, 'proxy'), { proxyOf: `http://${origin.host}` }),
    )
    const { digest, layer } = await push('team/through', 200_000)
    const client = fixture.client({ [origin.host]: { mirrors: [mirror.host] } })
    const from = origin.log.length
    expect((await client.manifest(at('team/through'), 'v1')).descriptor.digest).toBe(digest)
    const first = await download(client, at('team/through'), { blob: layer, directory: fixture.directory })
    expect(first.error).toBeUndefined()
    const asked = requests(origin, from)
    expect(asked).toBeGreaterThan(0)
    expect(origin.log.slice(from).some((line) => /http.request.useragent=tscontainer/.test(line))).toBe(false)
    const again = await download(client, at('team/through'), { blob: layer, directory: fixture.directory })
    expect(again.bytes.equals(first.bytes)).toBe(true)
  })

  test.each<readonly [string, FakeHandler]>([
    ['refuses', (_, answer) => sendError(answer, 401, { code: 'UNAUTHORIZED' })],
    ['has nothing', (_, answer) => sendError(answer, 404, { code: 'NAME_UNKNOWN' })],
    ['fails', (_, answer) => answer.writeHead(503).end('later')],
    ['lies', (_, answer) => answer.writeHead(200, { 'content-type': 'application/json' }).end('{"schemaVersion":2}')],
    ['hangs up', (request) => request.socket.destroy()],
    ['keeps us waiting', () => {}],
  ])('that %s is passed over', async (_, handler) => {
    const mirror = await fixture.keep(startFakeRegistry(handler))
    const { digest, layer } = await push('team/fallback')
    const client = fixture.client({ [origin.host]: { mirrors: [mirror.host] }, [mirror.host]: { timeoutMs: 200 } })
    expect((await client.manifest(at('team/fallback'), digest)).descriptor.digest).toBe(digest)
    expect(
      (await download(client, at('team/fallback'), { blob: layer, directory: fixture.directory })).error,
    ).toBeUndefined()
    expect(mirror.seen.length).toBeGreaterThan(0)
  })

  test('that nobody knows is passed over', async () => {
    const { digest } = await push('team/nowhere')
    const client = fixture.client({
      [origin.host]: { mirrors: ['http://no-such-host.invalid', 'https://127.0.0.1:1'] },
    })
    expect((await client.manifest(at('team/nowhere'), 'v1')).descriptor.digest).toBe(digest)
  })

  test('is told whose mirror it is, and gets no credentials of the registry', async () => {
    const mirror = await fixture.keep(
      startFakeRegistry((_, answer) =>
        sendError(answer, 401, { code: 'UNAUTHORIZED' }, { 'www-authenticate': 'Basic realm="x"' }),
      ),
    )
    const { digest } = await push('team/ns')
    const client = fixture.client({ [origin.host]: { mirrors: [`${mirror.origin}/prefix`], auth: htpasswdUser } })
    await client.manifest(at('team/ns'), digest, { auth: htpasswdUser })
    expect(mirror.seen.map(({ url }) => url)).toEqual([
      `/prefix/v2/team/ns/manifests/${digest}?ns=${encodeURIComponent(origin.host)}`,
    ])
    expect(mirror.seen.every(({ authorization }) => authorization === undefined)).toBe(true)
  })

  test('that stops in the middle of a blob is followed by the registry, which gives the rest', async () => {
    const { layer } = await push('team/half', 3_000_000)
    const half = Buffer.alloc(1_500_000, 1)
    const mirror = await fixture.keep(
      startFakeRegistry((_, answer) => {
        answer.writeHead(200, { 'content-length': layer.size })
        answer.write(half, () => answer.destroy())
      }),
    )
    const from = origin.log.length
    const client = fixture.client({ [origin.host]: { mirrors: [mirror.host] } })
    const got = await download(client, at('team/half'), { blob: layer, directory: fixture.directory })
    expect(got).toMatchObject({ error: undefined, told: layer.size, restarts: 0 })
    expect(origin.log.slice(from).some((line) => /http.response.status=206/.test(line))).toBe(true)
  })

  test('is left out for what goes to the registry itself', async () => {
    const mirror = await fixture.keep(startFakeRegistry((_, answer) => answer.writeHead(500).end()))
    const client = fixture.client({ [origin.host]: { mirrors: [mirror.host] } })
    const { digest } = await pushImage(client, at('team/own'), { directory: fixture.directory, tags: ['v1'] })
    for await (const tag of client.tags(at('team/own'))) expect(tag).toBe('v1')
    await client.manifest(at('team/own'), digest, { mirrors: false })
    expect(mirror.seen).toEqual([])
  })
})
