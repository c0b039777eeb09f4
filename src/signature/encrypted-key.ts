// SPDX-License-Identifier: Apache-2.0
import { type BinaryLike, type ScryptOptions, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import { EngineError } from '../errors/engine-error.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import { Fields } from '../oci/fields.js'
import { parseUntrustedJson } from '../oci/json.js'

/** The header of keys that `cosign generate-key-pair` writes, today's and that of before cosign 2. */
export const encryptedCosignKey = /-----BEGIN ENCRYPTED (?:COSIGN|SIGSTORE) PRIVATE KEY-----/

const body =
  /-----BEGIN ENCRYPTED (COSIGN|SIGSTORE) PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END ENCRYPTED \1 PRIVATE KEY-----/
const derive = promisify<BinaryLike, BinaryLike, number, ScryptOptions, Buffer>(scrypt)
const keyBytes = 32
const nonceBytes = 24
const maxMemory = 512 * 1024 * 1024

/**
 * The key in PKCS #8: JSON with what scrypt needs, and a NaCl secretbox (go-securesystemslib, "encrypted").
 * ERR_INVALID_ARGUMENT where it is malformed or the password is another one.
 */
export async function decryptCosignKey(pem: string, password: string, option: string): Promise<Buffer> {
  const [, , base64 = ''] = body.exec(pem) ?? []
  const { cost, salt, nonce, ciphertext } = readEnvelope(Buffer.from(base64, 'base64'), option)
  const key = await derive(password, salt, keyBytes, { ...cost, maxmem: maxMemory * 2 })
  const { default: nacl } = await import('tweetnacl')
  const opened = nacl.secretbox.open(ciphertext, nonce, key)
  if (opened) return Buffer.from(opened)
  throw invalidArgument(`${option}.password`, 'does not open the key', 'give the one that cosign asked for')
}

interface Envelope {
  readonly cost: { readonly N: number; readonly r: number; readonly p: number }
  readonly salt: Uint8Array
  readonly nonce: Uint8Array
  readonly ciphertext: Uint8Array
}

function readEnvelope(json: Uint8Array, option: string): Envelope {
  try {
    return envelopeIn(new Fields(parseUntrustedJson(json, 'key'), 'key'))
  } catch (error) {
    const problem = EngineError.is(error) ? error.message : 'is malformed'
    throw invalidArgument(`${option}.key`, `is not a key as cosign encrypts it: ${problem}`)
  }
}

function envelopeIn(fields: Fields): Envelope {
  const kdf = fields.required('kdf', fields.object('kdf'))
  const cipher = fields.required('cipher', fields.object('cipher'))
  const params = kdf.required('params', kdf.object('params'))
  const number = (name: string) => params.required(name, params.integer(name))
  const cost = { N: number('N'), r: number('r'), p: number('p') }
  const nonce = bytes(cipher, 'nonce')
  if (kdf.string('name') !== 'scrypt' || cipher.string('name') !== 'nacl/secretbox') throw malformed('other algorithms')
  const isSane = Object.values(cost).every((value) => value >= 1) && 128 * cost.N * cost.r * cost.p <= maxMemory
  if (!isSane || (cost.N & (cost.N - 1)) !== 0) throw malformed('parameters of scrypt that are not sane')
  if (nonce.byteLength !== nonceBytes) throw malformed('a nonce of another length')
  return { cost, salt: bytes(kdf, 'salt'), nonce, ciphertext: bytes(fields, 'ciphertext') }
}

function bytes(fields: Fields, name: string): Uint8Array {
  return Buffer.from(fields.required(name, fields.string(name)), 'base64')
}

function malformed(problem: string): EngineError {
  return new EngineError({ code: 'ERR_IMAGE_INVALID', message: `it has ${problem}` })
}
