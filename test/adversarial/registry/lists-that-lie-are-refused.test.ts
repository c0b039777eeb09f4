// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest'
import { digestOf } from '../../../src/oci/digest.js'
import { mediaTypes } from '../../../src/oci/media-types.js'
import { sendJson } from '../../support/registry/fake-registry.js'
import { useRegistryFixture } from '../../support/registry/registry-fixture.js'

const fixture = useRegistryFixture()
const start = fixture.startFake
const collect = async (tags: AsyncIterable<string>, most = 1000) => {
  const found: string[] = []
  for await (const tag of tags) if (found.push(tag) >= most) break
  return found
}

describe('a list of tags', () => {
  test('that goes in circles is refused', async () => {
    const { client, ref } = await start((_, answer) =>
      sendJson(answer, 200, { tags: ['a'] }, { link: '</v2/a/b/tags/list?n=1&last=a>; rel="next"' }),
    )
    await expect(collect(client.tags(ref))).rejects.toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL' })
  })

  test.each([
    '<https://elsewhere.example/v2/>; rel="next"',
    '<file:///etc/passwd>; rel=next',
    '<http://169.254.169.254/>; rel="next"',
  ])('that goes on at %s is refused', async (link) => {
    const { client, ref } = await start((_, answer) => sendJson(answer, 200, { tags: ['a'] }, { link }))
    await expect(collect(client.tags(ref))).rejects.toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL' })
  })

  test.each([
    ['a tag that is none', { tags: ['../../x'] }],
    ['no strings', { tags: [1] }],
    ['no list', { tags: 'a' }],
  ])('with %s is refused', async (_, body) => {
    const { client, ref } = await start((_request, answer) => sendJson(answer, 200, body))
    await expect(collect(client.tags(ref))).rejects.toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL' })
  })

  test.each([
    ['null', '{"tags":null}'],
    ['missing', '{}'],
    ['of __proto__', '{"__proto__":{"tags":["x"]}}'],
  ])('that is %s is empty', async (_, body) => {
    const { client, ref } = await start((_request, answer) => sendJson(answer, 200, body))
    expect(await collect(client.tags(ref))).toEqual([])
    expect(({} as { tags?: unknown }).tags).toBeUndefined()
  })
})

describe('referrers', () => {
  const digest = digestOf('subject')
  const index = (manifests: readonly unknown[]) => ({ schemaVersion: 2, mediaType: mediaTypes.index, manifests })

  test('by the API are filtered also where the registry does not', async () => {
    const entry = (artifactType: string) => ({
      mediaType: mediaTypes.manifest,
      digest: digestOf(artifactType),
      size: 1,
      artifactType,
    })
    const { client, ref, registry } = await start((_, answer) =>
      sendJson(answer, 200, index([entry('a/one'), entry('a/two')]), { 'content-type': mediaTypes.index }),
    )
    const found = await client.referrers(ref, digest, { artifactType: 'a/two' })
    expect(found.map(({ artifactType }) => artifactType)).toEqual(['a/two'])
    expect(registry.seen.at(-1)?.url).toBe(`/v2/a/b/referrers/${digest}?artifactType=a%2Ftwo`)
  })

  test('that go in circles, or have digests that are none, are refused', async () => {
    const headers = { 'content-type': mediaTypes.index, link: `</v2/a/b/referrers/${digest}?page=2>; rel="next"` }
    const circle = await start((_, answer) => sendJson(answer, 200, index([]), headers))
    await expect(circle.client.referrers(circle.ref, digest)).rejects.toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL' })
    const wrong = [{ mediaType: mediaTypes.manifest, digest: 'sha256:../../x', size: 1 }]
    const evil = await start((_, answer) => sendJson(answer, 200, index(wrong), { 'content-type': mediaTypes.index }))
    await expect(evil.client.referrers(evil.ref, digest)).rejects.toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL' })
  })
})
