// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import { Image } from '../../../src/index.js'
import { encryptAsCosign, makeKeys } from '../../support/signing-keys.js'
import { payloadOf, signWith, useSignatureFixture } from './signature-fixture.js'

const fixture = useSignatureFixture()
const ours = makeKeys()
const theirs = makeKeys()
const verify = { keys: [ours.publicKey] }
const tagOf = (digest: string) => `${digest.replace(':', '-')}.sig`
const named = (repository: string) => fixture.ref(repository)

test('what was pushed with a key is pulled with the other half of it', async () => {
  await fixture.pushed('app:1')
  const image = await fixture.pull('app:1')
  const { digest } = await image.push(fixture.ref('signed:1'), { sign: { key: ours.privateKey } })
  fixture.registry.seen.length = 0
  const pulled = await fixture.pull('signed:1', { verify })
  expect(pulled.digest).toBe(digest)
  const asked = fixture.registry.seen.map(({ path }) => path)
  const at = (part: string) => asked.findIndex((path) => path.includes(part))
  // What was signed is read before any layer.
  expect(at(tagOf(digest))).toBeGreaterThan(-1)
  expect(at(fixture.layers[1]!.blob.digest)).toBeGreaterThan(at(tagOf(digest)))
  // Also by digest, and where it is in the store already.
  expect((await Image.pull(`${named('signed')}@${digest}`, { engine: pulled.engine, verify })).digest).toBe(digest)
  await expect(
    Image.pull(fixture.ref('signed:1'), { engine: pulled.engine, verify: { keys: [theirs.publicKey] } }),
  ).rejects.toMatchObject({ code: 'ERR_SIGNATURE_INVALID' })
})

test('signatures join those that are there, and the same one comes once', async () => {
  const digest = await fixture.pushed('joined:1')
  const image = await fixture.pull('joined:1')
  const annotations = { commit: 'abc' }
  for (const keys of [theirs, ours, ours]) await image.push(undefined, { sign: { key: keys.privateKey } })
  await image.push(undefined, { sign: { key: ours.privateKey, annotations } })
  const { bytes } = await fixture.client.manifest({ host: fixture.registry.host, repository: 'joined' }, tagOf(digest))
  expect(JSON.parse(Buffer.from(bytes).toString()).layers).toHaveLength(3)
  await fixture.pull('joined:1', { verify })
  await fixture.pull('joined:1', { verify: { keys: [makeKeys().publicKey, theirs.publicKey] } })
  await fixture.pull('joined:1', { verify: { ...verify, annotations } })
  await fixture.refuses(() => fixture.pull('joined:1', { verify: { keys: [theirs.publicKey], annotations } }), {
    code: 'ERR_SIGNATURE_INVALID',
    message: expect.stringContaining("does not say 'commit'"),
  })
})

test('keys as cosign encrypts them open with their password', async () => {
  await fixture.pushed('sealed:1')
  const image = await fixture.pull('sealed:1')
  const key = encryptAsCosign(ours.privateKey, 'secret', 'SIGSTORE')
  await expect(image.push(undefined, { sign: { key, password: 'other' } })).rejects.toMatchObject({
    code: 'ERR_INVALID_ARGUMENT',
    option: 'sign.password',
  })
  await fixture.refuses(() => fixture.pull('sealed:1', { verify }), { code: 'ERR_SIGNATURE_INVALID' })
  await image.push(undefined, { sign: { key, password: 'secret' } })
  await fixture.pull('sealed:1', { verify })
})

test('of an image for several platforms the index is signed', async () => {
  const { layout, layers, ref } = fixture
  const child = await layout.image(layers)
  const index = (await layout.index([child], 'many:1')) as { readonly digest: string }
  await layout.push('many:1', `docker://${ref('many:1')}`)
  const signed = (digest: string) => {
    const payload = payloadOf(named('many'), digest)
    return { payload, signature: signWith(ours, payload) }
  }
  const childDigest = (child as { readonly digest: string }).digest
  await fixture.store('many', tagOf(childDigest), [signed(childDigest)])
  await fixture.refuses(() => fixture.pull('many:1', { verify }), { code: 'ERR_SIGNATURE_INVALID' })
  await fixture.store('many', tagOf(index.digest), [signed(index.digest)])
  const image = await fixture.pull('many:1', { verify })
  expect(image.digest).toBe(childDigest)
})

test('signatures are found among the referrers', async () => {
  const digest = await fixture.pushed('referred:1')
  const { descriptor: subject } = await fixture.client.manifest(
    { host: fixture.registry.host, repository: 'referred' },
    '1',
  )
  const payload = payloadOf(named('referred'), digest)
  const artifactType = 'application/vnd.dev.cosign.artifact.sig.v1+json'
  const signature = { payload, signature: signWith(ours, payload) }
  const stored = await fixture.store('referred', '', [signature], { artifactType, subject })
  await fixture.refuses(() => fixture.pull('referred:1', { verify }), { code: 'ERR_SIGNATURE_INVALID' })
  // This registry has no referrers API: the list is an index under a tag (distribution-spec, "Unavailable Referrers API").
  const index = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json' }
  const bytes = Buffer.from(JSON.stringify({ ...index, manifests: [{ ...stored, artifactType }] }))
  const ref = { host: fixture.registry.host, repository: 'referred' }
  await fixture.client.putManifest(ref, digest.replace(':', '-'), bytes, index.mediaType)
  expect((await fixture.pull('referred:1', { verify })).digest).toBe(digest)
})
