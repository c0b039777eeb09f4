// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { digestOf } from '../../../src/oci/digest.js'
import { mediaTypes } from '../../../src/oci/media-types.js'
import { referrersTag } from '../../../src/registry/list-referrers.js'
import { type DockerRegistry, startDockerRegistry } from '../../support/registry/docker-registry.js'
import { download, makeBlob, openable, pushImage, useRegistryFixture } from '../../support/registry/registry-fixture.js'

const run = promisify(execFile)
const fixture = useRegistryFixture()
let registry: DockerRegistry
beforeAll(async () => {
  registry = await startDockerRegistry(join(fixture.directory, 'registry'))
})
afterAll(async () => {
  await registry.stop()
})
const at = (repository: string) => ({ host: registry.host, repository })

describe('a real registry on loopback, over plain http that nobody had to allow', () => {
  test('a manifest comes back by tag and by digest as it was pushed', async () => {
    const client = fixture.client()
    const { digest, bytes } = await pushImage(client, at('a/image'), { directory: fixture.directory, tags: ['one'] })
    for (const reference of ['one', digest]) {
      const found = await client.manifest(at('a/image'), reference)
      expect(Buffer.from(found.bytes)).toEqual(bytes)
      expect(found.descriptor).toEqual({ mediaType: mediaTypes.manifest, digest, size: bytes.byteLength })
    }
    expect((await client.resolve(at('a/image'), 'one'))?.digest).toBe(digest)
  })

  test('skopeo takes the pushed image out with the same digests', async () => {
    const client = fixture.client()
    const { digest, layer } = await pushImage(client, at('for/skopeo'), { directory: fixture.directory, tags: ['x'] })
    const target = join(fixture.directory, 'taken')
    await mkdir(target)
    await run('skopeo', [
      'copy',
      '-q',
      '--src-tls-verify=false',
      '--preserve-digests',
      `docker://${registry.host}/for/skopeo:x`,
      `dir:${target}`,
    ])
    expect(digestOf(await readFile(join(target, 'manifest.json')))).toBe(digest)
    expect(digestOf(await readFile(join(target, layer.digest.slice('sha256:'.length))))).toBe(layer.digest)
  })

  test('a blob that is larger than a chunk goes up in chunks, and comes down whole and from the middle', async () => {
    const client = fixture.client({ [registry.host]: { uploadChunkSize: '1m' } })
    const { bytes, descriptor } = makeBlob(3_500_000)
    let sent = 0
    const onBytes = (count: number) => {
      sent += count
    }
    await client.uploadBlob(at('chunks'), descriptor, await openable(fixture.directory, bytes), { onBytes })
    expect(sent).toBe(bytes.byteLength)
    const patches = registry.log.filter((line) => /http.request.method=PATCH/.test(line) && /chunks/.test(line))
    expect(patches.length).toBeGreaterThanOrEqual(4)
    const whole = await download(client, at('chunks'), { blob: descriptor, directory: fixture.directory })
    expect(whole.error).toBeUndefined()
    expect(whole.bytes.equals(bytes)).toBe(true)
    const prefix = bytes.subarray(0, 2_000_000)
    const rest = await download(client, at('chunks'), { blob: descriptor, directory: fixture.directory, prefix })
    expect(rest).toMatchObject({ told: 1_500_000, restarts: 0, error: undefined })
    expect(rest.bytes.equals(bytes)).toBe(true)
  })

  test('a large blob comes in parts, several at a time', async () => {
    const client = fixture.client()
    const { bytes, descriptor } = makeBlob(45 * 1024 * 1024 + 17)
    await client.uploadBlob(at('large'), descriptor, await openable(fixture.directory, bytes))
    const before = registry.log.length
    const got = await download(client, at('large'), { blob: descriptor, directory: fixture.directory })
    expect(got).toMatchObject({ told: bytes.byteLength, restarts: 0, error: undefined })
    expect(got.bytes.equals(bytes)).toBe(true)
    const partial = registry.log.slice(before).filter((line) => /http.response.status=206/.test(line))
    expect(partial.length).toBe(6)
  })

  test('a blob is mounted from another repository, and not from one that has it not', async () => {
    const client = fixture.client()
    const { bytes, descriptor } = makeBlob(1000)
    await client.uploadBlob(at('from'), descriptor, await openable(fixture.directory, bytes))
    expect(await client.hasBlob(at('to'), descriptor.digest)).toBe(false)
    expect(await client.mountBlob(at('to'), makeBlob(10).descriptor.digest, 'from')).toBe(false)
    expect(await client.mountBlob(at('to'), descriptor.digest, 'from')).toBe(true)
    expect(await client.hasBlob(at('to'), descriptor.digest)).toBe(true)
  })

  test('an empty blob goes up and down', async () => {
    const client = fixture.client()
    const { bytes, descriptor } = makeBlob(0)
    await client.uploadBlob(at('empty'), descriptor, await openable(fixture.directory, bytes))
    expect(await client.hasBlob(at('empty'), descriptor.digest)).toBe(true)
    const got = await download(client, at('empty'), { blob: descriptor, directory: fixture.directory })
    expect(got).toMatchObject({ told: 0, error: undefined })
  })

  test('all tags are listed, over several pages', async () => {
    const client = fixture.client()
    const { bytes } = await pushImage(client, at('tagged'), { directory: fixture.directory, tags: ['a', 'b'] })
    const more = Array.from({ length: 1100 }, (_, index) => `t${index}`)
    for (let from = 0; from < more.length; from += 50)
      await Promise.all(
        more.slice(from, from + 50).map((tag) => client.putManifest(at('tagged'), tag, bytes, mediaTypes.manifest)),
      )
    const tags: string[] = []
    for await (const tag of client.tags(at('tagged'))) tags.push(tag)
    expect(tags.length).toBe(1102)
    expect(new Set(tags)).toEqual(new Set(['a', 'b', ...more]))
  })

  test('referrers are found by the tag that stands for them, since this registry has no API for it', async () => {
    const client = fixture.client()
    const ref = at('signed')
    const { digest, bytes } = await pushImage(client, ref, { directory: fixture.directory, tags: ['v1'] })
    expect(await client.referrers(ref, digest)).toEqual([])
    const signature = await pushImage(client, ref, { directory: fixture.directory, tags: ['signature'] })
    const entry = {
      mediaType: mediaTypes.manifest,
      digest: signature.digest,
      size: bytes.byteLength,
      artifactType: 'application/test',
    }
    const index = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests: [entry] }))
    const tag = referrersTag(digestOf(bytes))
    expect(tag).toBe(digest.replace(':', '-'))
    expect(await client.putManifest(ref, tag, index, mediaTypes.index)).toEqual({ subject: null })
    expect((await client.referrers(ref, digest)).map((found) => found.digest)).toEqual([signature.digest])
    expect(await client.referrers(ref, digest, { artifactType: 'application/other' })).toEqual([])
  })

  test('what is deleted by digest is gone', async () => {
    const client = fixture.client()
    const { digest } = await pushImage(client, at('mortal'), { directory: fixture.directory, tags: ['v1'] })
    await expect(client.deleteManifest(at('mortal'), 'v1')).rejects.toMatchObject({ code: 'ERR_REGISTRY_UNSUPPORTED' })
    await client.deleteManifest(at('mortal'), digest)
    await expect(client.manifest(at('mortal'), digest)).rejects.toMatchObject({ code: 'ERR_REGISTRY_MANIFEST_UNKNOWN' })
  })

  test('what is not there is an error of its own', async () => {
    const client = fixture.client()
    await pushImage(client, at('some'), { directory: fixture.directory, tags: ['v1'] })
    const code = (error: unknown) => (error as { code?: string }).code
    expect(code(await client.manifest(at('some'), 'v2').catch((error) => error))).toBe('ERR_REGISTRY_MANIFEST_UNKNOWN')
    const tags = async () => {
      for await (const tag of client.tags(at('none'))) return tag
      return undefined
    }
    expect(code(await tags().catch((error) => error))).toBe('ERR_REGISTRY_REPOSITORY_UNKNOWN')
    const { descriptor } = makeBlob(100)
    const got = await download(client, at('some'), { blob: descriptor, directory: fixture.directory })
    expect(code(got.error)).toBe('ERR_REGISTRY_BLOB_UNKNOWN')
  })

  test('an abort in the middle leaves an unbroken beginning, from which it goes on', async () => {
    const client = fixture.client()
    const { bytes, descriptor } = makeBlob(45 * 1024 * 1024)
    await client.uploadBlob(at('aborted'), descriptor, await openable(fixture.directory, bytes))
    const stop = new AbortController()
    setTimeout(() => stop.abort(new Error('enough')), 25)
    const options = { blob: descriptor, directory: fixture.directory, signal: stop.signal }
    const first = await download(client, at('aborted'), options)
    expect(first.error).toEqual(new Error('enough'))
    expect(first.bytes.byteLength).toBe(first.told)
    expect(first.bytes.equals(bytes.subarray(0, first.told))).toBe(true)
    const second = await download(client, at('aborted'), {
      ...options,
      signal: new AbortController().signal,
      prefix: first.bytes,
    })
    expect(second.error).toBeUndefined()
    expect(second.bytes.equals(bytes)).toBe(true)
  })
})
