// SPDX-License-Identifier: Apache-2.0
import { beforeAll, expect, test } from 'vitest'
import { Image } from '../../../src/index.js'
import { makeKeys } from '../../support/signing-keys.js'
import { payloadOf, signWith, useSignatureFixture } from './signature-fixture.js'

const fixture = useSignatureFixture()
const ours = makeKeys()
const theirs = makeKeys()
const verify = { keys: [ours.publicKey] }
const tagOf = (digest: string) => `${digest.replace(':', '-')}.sig`
let digest = ''
let other = ''

beforeAll(async () => {
  digest = await fixture.pushed('app:1')
  other = await fixture.pushed('app:2')
})

const signatureOf = (keys: typeof ours, what: string, identity = fixture.ref('app')) => {
  const payload = payloadOf(identity, what)
  return { payload, signature: signWith(keys, payload) }
}
const refusedFor = async (reason: string) => {
  await fixture.refuses(() => fixture.pull('app:1', { verify }), {
    code: 'ERR_SIGNATURE_INVALID',
    object: fixture.ref('app:1'),
    message: expect.stringContaining(reason),
  })
}

test('an image without a signature', async () => {
  const engine = await fixture.fresh()
  const pull = () => Image.pull(fixture.ref('app:1'), { engine, verify })
  await fixture.refuses(pull, {
    code: 'ERR_SIGNATURE_INVALID',
    option: 'verify',
    message: expect.stringContaining(`looked for at the tag ${tagOf(digest)} and among the referrers; there is none`),
  })
  expect(await Image.list({ engine })).toEqual([])
})

test('a signature by another key', async () => {
  await fixture.store('app', tagOf(digest), [signatureOf(theirs, digest)])
  await refusedFor('is by none of the keys')
})

test('the signature of another image under the tag of this one', async () => {
  await fixture.store('app', tagOf(digest), [signatureOf(ours, other)])
  await refusedFor(`is of another image, '${other}'`)
})

test('a payload that was changed after it was signed', async () => {
  const { signature } = signatureOf(ours, other)
  await fixture.store('app', tagOf(digest), [{ payload: payloadOf(fixture.ref('app'), digest), signature }])
  await refusedFor('is by none of the keys')
})

test('a signature for another repository, unless it is said to be that one', async () => {
  const identity = 'registry.example/original/app'
  await fixture.store('app', tagOf(digest), [signatureOf(ours, digest, identity)])
  await refusedFor(`is of another name, '${identity}'`)
  await fixture.pull('app:1', { verify: { ...verify, identity } })
  await fixture.pull('app:1', { verify: { ...verify, identity: 'any' } })
  await fixture.refuses(() => fixture.pull('app:1', { verify: { ...verify, identity: 'registry.example/app' } }), {
    code: 'ERR_SIGNATURE_INVALID',
  })
})

test('a signature for another tag', async () => {
  await fixture.store('app', tagOf(digest), [signatureOf(ours, digest, fixture.ref('app:0'))])
  await refusedFor('is of another name')
  await fixture.store('app', tagOf(digest), [signatureOf(ours, digest, fixture.ref('app:1'))])
  await fixture.pull('app:1', { verify })
})

test('one that fits among several that do not', async () => {
  const garbage = { payload: Buffer.from('no JSON'), signature: Buffer.from('no signature') }
  const odd = { payload: Buffer.from('[]'), signature: signWith(ours, Buffer.from('[]')) }
  const others = [garbage, odd, signatureOf(theirs, digest), signatureOf(ours, other)]
  await fixture.store('app', tagOf(digest), others)
  await refusedFor('is by none of the keys')
  await fixture.store('app', tagOf(digest), [...others, signatureOf(ours, digest)])
  expect((await fixture.pull('app:1', { verify })).digest).toBe(digest)
})

test('what cannot be a requirement', async () => {
  const engine = await fixture.fresh()
  const pull = (options: object) => Image.pull(fixture.ref('app:1'), { engine, ...options })
  const invalid = (option: string) => ({ code: 'ERR_INVALID_ARGUMENT', option })
  await expect(pull({ verify: { keys: [] } })).rejects.toMatchObject(invalid('verify.keys'))
  await expect(pull({ verify: { keys: [ours.privateKey] } })).rejects.toMatchObject(invalid('verify.keys[0]'))
  await expect(pull({ verify, policy: 'never' })).rejects.toMatchObject(invalid('verify'))
  await expect(pull({ verify: { keys: ['/nowhere.pub'] } })).rejects.toMatchObject(invalid('verify.keys[0]'))
})
