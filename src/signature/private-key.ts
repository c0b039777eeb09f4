// SPDX-License-Identifier: Apache-2.0
import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { invalidArgument } from '../errors/invalid-argument.js'
import { decryptCosignKey, encryptedCosignKey } from './encrypted-key.js'
import { checkKind, hashFor } from './public-key.js'
import { readPem } from './read-pem.js'
import type { SignOptions } from './signature-options.js'

/** A key that signs. */
export interface Signer {
  /** The other half, for recognising one's own signatures. */
  readonly publicKey: KeyObject
  sign(payload: Uint8Array): Uint8Array
}

/** The key of the options. ERR_INVALID_ARGUMENT where it is none, or the password does not fit. */
export async function readSigner(options: SignOptions, option = 'sign'): Promise<Signer> {
  const text = await readPem(options.key, `${option}.key`)
  const key = encryptedCosignKey.test(text)
    ? keyFrom(
        { key: await decryptCosignKey(text, options.password ?? '', option), format: 'der', type: 'pkcs8' },
        option,
      )
    : keyFrom({ key: text, format: 'pem', passphrase: options.password ?? '' }, option)
  checkKind(key, `${option}.key`)
  return {
    publicKey: createPublicKey(key),
    sign: (payload) => sign(hashFor(key), payload, key),
  }
}

// The cause stays out: it says nothing that helps, and must never say anything of the key.
function keyFrom(input: Parameters<typeof createPrivateKey>[0], option: string): KeyObject {
  try {
    return createPrivateKey(input)
  } catch {
    throw invalidArgument(`${option}.key`, 'is not a private key, or its password is another one')
  }
}
