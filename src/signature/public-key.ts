// SPDX-License-Identifier: Apache-2.0
import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { invalidArgument } from '../errors/invalid-argument.js'
import type { Pem } from '../registry/registry-options.js'
import { readPem } from './read-pem.js'

const leastRsaBits = 2048

/** Keys by which images may be signed. ERR_INVALID_ARGUMENT for what is no public key, or one of a kind that cosign has not. */
export async function readPublicKeys(keys: readonly Pem[], option: string): Promise<readonly KeyObject[]> {
  return await Promise.all(keys.map((pem, index) => readPublicKey(pem, `${option}[${index}]`)))
}

async function readPublicKey(pem: Pem, option: string): Promise<KeyObject> {
  const text = await readPem(pem, option)
  // Node would take a certificate and a private key as well.
  if (!text.includes('-----BEGIN PUBLIC KEY-----') || text.includes('PRIVATE KEY-----'))
    throw invalidArgument(option, 'is not a public key in PEM form')
  let key: KeyObject
  try {
    key = createPublicKey(text)
  } catch {
    throw invalidArgument(option, 'is not a public key')
  }
  checkKind(key, option)
  return key
}

/** Refuses kinds of keys that cosign does not use, and RSA that is too short. */
export function checkKind(key: KeyObject, option: string): void {
  const { asymmetricKeyType: kind, asymmetricKeyDetails: details } = key
  const isLongEnough = kind !== 'rsa' || (details?.modulusLength ?? 0) >= leastRsaBits
  if (['ec', 'rsa', 'ed25519'].includes(kind ?? '') && isLongEnough) return
  const what = kind === 'rsa' ? `an RSA key of less than ${leastRsaBits} bits` : `a key of the kind ${kind}`
  throw invalidArgument(option, `is ${what}`, 'take ECDSA on P-256, RSA or Ed25519')
}

/** What is hashed before it is signed: Ed25519 does it itself. */
export function hashFor({ asymmetricKeyType }: KeyObject): 'sha256' | null {
  return asymmetricKeyType === 'ed25519' ? null : 'sha256'
}

/** Whether the signature is one by that key over those bytes. */
export function isSignedBy(key: KeyObject, payload: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verify(hashFor(key), payload, key, signature)
  } catch {
    // What is no signature at all.
    return false
  }
}
