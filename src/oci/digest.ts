// SPDX-License-Identifier: Apache-2.0
import { createHash, type Hash } from 'node:crypto'
import { EngineError } from '../errors/engine-error.js'
import { quoted } from '../errors/printable.js'

declare const digestBrand: unique symbol

/** A content digest in the grammar of the OCI image specification, `sha256:…`: made by `parseDigest` only. */
export type Digest = string & {
  /** @internal */
  readonly [digestBrand]: true
}

/** Algorithms whose content we can check, and keep. */
export type DigestAlgorithm = 'sha256' | 'sha512'

const grammar = /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/
const registered: readonly (readonly [DigestAlgorithm, RegExp])[] = [
  ['sha256', /^sha256:[a-f0-9]{64}$/],
  ['sha512', /^sha512:[a-f0-9]{128}$/],
]

/**
 * The text as a digest. Algorithms that we do not know pass if they fit the grammar (a manifest may name them);
 * using one is {@link digestParts}' ERR_UNSUPPORTED. What fits neither is ERR_IMAGE_INVALID.
 */
export function parseDigest(value: unknown, where = 'digest'): Digest {
  if (isDigest(value)) return value
  throw new EngineError({ code: 'ERR_IMAGE_INVALID', message: `${where}: ${quoted(value)} is not a digest` })
}

/** Whether the value is a well-formed digest; for sha256 and sha512 with the right number of lower-case hex digits. */
export function isDigest(value: unknown): value is Digest {
  if (typeof value !== 'string' || value.length > 1024 || !grammar.test(value)) return false
  const known = registered.find(([algorithm]) => value.startsWith(`${algorithm}:`))
  return known === undefined || known[1].test(value)
}

/** Algorithm and hex digits of a digest that we can check; both are safe as file names. Else ERR_UNSUPPORTED. */
export function digestParts(digest: Digest): { readonly algorithm: DigestAlgorithm; readonly hex: string } {
  for (const [algorithm, pattern] of registered) {
    if (pattern.test(digest)) return { algorithm, hex: digest.slice(algorithm.length + 1) }
  }
  throw new EngineError({
    code: 'ERR_UNSUPPORTED',
    message: `digest ${quoted(digest)}: the algorithm is not supported`,
  })
}

/** The digest of bytes that are at hand. */
export function digestOf(data: Uint8Array | string, algorithm: DigestAlgorithm = 'sha256'): Digest {
  return new Digester(algorithm).update(data).digest()
}

/** The digest with that algorithm and those hex digits, as a hash function gives them. */
export function digestFromHex(hex: string, algorithm: DigestAlgorithm = 'sha256'): Digest {
  return parseDigest(`${algorithm}:${hex}`)
}

/** Computes digest and size of content as it streams by. */
export class Digester {
  readonly algorithm: DigestAlgorithm
  readonly #hash: Hash
  #size = 0

  constructor(algorithm: DigestAlgorithm = 'sha256') {
    this.algorithm = algorithm
    this.#hash = createHash(algorithm)
  }

  /** Bytes seen so far. */
  get size(): number {
    return this.#size
  }

  update(data: Uint8Array | string): this {
    this.#size += typeof data === 'string' ? Buffer.byteLength(data) : data.byteLength
    this.#hash.update(data)
    return this
  }

  /** The digest of everything; ends the computation. */
  digest(): Digest {
    return digestFromHex(this.#hash.digest('hex'), this.algorithm)
  }
}
