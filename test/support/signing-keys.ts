// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, randomBytes, scryptSync } from 'node:crypto'
import nacl from 'tweetnacl'

/** A key pair in PEM. */
export interface Keys {
  readonly privateKey: string
  readonly publicKey: string
}

export const makeKeys = (): Keys => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  return { privateKey, publicKey }
}

/** The private key as `cosign generate-key-pair` encrypts it. */
export const encryptAsCosign = (privateKey: string, password: string, label = 'COSIGN'): string => {
  const der = Buffer.from(privateKey.replace(/-----[A-Z ]+-----/g, ''), 'base64')
  const [salt, nonce] = [randomBytes(32), randomBytes(24)]
  const params = { N: 32_768, r: 8, p: 1 }
  const key = scryptSync(password, salt, 32, { ...params, maxmem: 2 ** 28 })
  const box = nacl.secretbox(der, nonce, key)
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
  const json = JSON.stringify({
    kdf: { name: 'scrypt', params, salt: text(salt) },
    cipher: { name: 'nacl/secretbox', nonce: text(nonce) },
    ciphertext: text(box),
  })
  const lines = text(Buffer.from(json)).replace(/(.{64})/g, '$1\n')
  return `-----BEGIN ENCRYPTED ${label} PRIVATE KEY-----\n${lines}\n-----END ENCRYPTED ${label} PRIVATE KEY-----\n`
}
