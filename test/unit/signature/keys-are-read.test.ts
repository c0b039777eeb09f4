// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { readSigner } from '../../../src/signature/private-key.js'
import { isSignedBy, readPublicKeys } from '../../../src/signature/public-key.js'
import { encryptAsCosign, makeKeys } from '../../support/signing-keys.js'

const payload = Buffer.from('what is signed')
const pkcs8 = { type: 'pkcs8', format: 'pem' } as const
const spki = { type: 'spki', format: 'pem' } as const
const invalid = (option: string) => ({ code: 'ERR_INVALID_ARGUMENT', option })

describe('a key signs what its other half verifies', () => {
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const publicKey = ec.publicKey.export(spki) as string
  const pem = ec.privateKey.export(pkcs8) as string
  const sealed = ec.privateKey.export({ ...pkcs8, cipher: 'aes-256-cbc', passphrase: 'secret' }) as string
  const ed = generateKeyPairSync('ed25519')
  test.each([
    ['PKCS #8', publicKey, { key: pem }],
    ['SEC 1', publicKey, { key: ec.privateKey.export({ type: 'sec1', format: 'pem' }) as string }],
    ['bytes', publicKey, { key: Buffer.from(pem) }],
    ['encrypted PKCS #8', publicKey, { key: sealed, password: 'secret' }],
    ['of cosign', publicKey, { key: encryptAsCosign(pem, 'secret'), password: 'secret' }],
    ['of cosign 2', publicKey, { key: encryptAsCosign(pem, '', 'SIGSTORE') }],
    ['Ed25519', ed.publicKey.export(spki) as string, { key: ed.privateKey.export(pkcs8) as string }],
  ])('%s', async (_, other, options) => {
    const signer = await readSigner(options)
    const signature = signer.sign(payload)
    const [key] = await readPublicKeys([other], 'keys')
    expect(isSignedBy(key!, payload, signature)).toBe(true)
    expect(isSignedBy(key!, Buffer.from('what was not'), signature)).toBe(false)
    expect(isSignedBy(key!, payload, Buffer.alloc(0))).toBe(false)
  })
})

test('what is no private key is refused, and not shown', async () => {
  const { privateKey, publicKey } = makeKeys()
  const sealed = encryptAsCosign(privateKey, 'secret')
  await expect(readSigner({ key: sealed, password: 'guess' })).rejects.toMatchObject(invalid('sign.password'))
  const broken = sealed.replace(/\n.{64}\n/, '\n')
  for (const key of [publicKey, broken, '-----BEGIN PRIVATE KEY-----\nsecretsecret\n-----END PRIVATE KEY-----']) {
    const failure: unknown = await readSigner({ key }).catch((error: unknown) => error)
    expect(failure).toMatchObject(invalid('sign.key'))
    expect(JSON.stringify([failure, String(failure)])).not.toContain('secretsecret')
  }
})

test('scrypt does not take what somebody writes into a key file', async () => {
  const envelope = { kdf: { name: 'scrypt', params: { N: 2 ** 30, r: 8, p: 1 }, salt: '' } }
  const cipher = { name: 'nacl/secretbox', nonce: Buffer.alloc(24).toString('base64') }
  const body = Buffer.from(JSON.stringify({ ...envelope, cipher, ciphertext: '' })).toString('base64')
  const key = `-----BEGIN ENCRYPTED COSIGN PRIVATE KEY-----\n${body}\n-----END ENCRYPTED COSIGN PRIVATE KEY-----`
  await expect(readSigner({ key })).rejects.toThrow('not sane')
})

test('what is no public key, or a weak one, is refused', async () => {
  const { privateKey } = makeKeys()
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export(spki) as string
  const other = generateKeyPairSync('x25519').publicKey.export(spki) as string
  for (const key of [privateKey, weak, other, '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----'])
    await expect(readPublicKeys([key], 'keys')).rejects.toMatchObject(invalid('keys[0]'))
})
