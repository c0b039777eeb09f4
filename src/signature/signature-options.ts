// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../errors/invalid-argument.js'
import { parseReference } from '../oci/reference.js'
import type { Pem } from '../registry/registry-options.js'
import { type Check, check, checkOptions, type Shape } from '../util/validate.js'
import { parsePattern } from './signature-policy.js'

/** How to sign what is pushed. */
export interface SignOptions {
  /**
   * The private key: PEM text or the absolute path of a file with it. PKCS #8 or SEC 1, or what `cosign generate-key-pair` writes. ECDSA on
   * P-256 is what cosign uses; other curves, RSA and Ed25519 do as well.
   */
  readonly key: Pem
  /** Of an encrypted key; empty by default, as cosign allows it. */
  readonly password?: string | undefined
  /** Signed with the image: `{ commit: '…' }`. Not annotations of the image. */
  readonly annotations?: Readonly<Record<string, string>> | undefined
}

/** Which signature an image must have. */
export interface VerifyOptions {
  /** Public keys: PEM text or absolute paths. A signature by any one of them is enough. */
  readonly keys: readonly Pem[]
  /** What the signature must say beside. */
  readonly annotations?: Readonly<Record<string, string>> | undefined
  /**
   * The repository that the signature must name. By default the one that is pulled from; for images that were copied the one they were
   * signed for, `'registry.example/team/app'`, or `'any'`.
   */
  readonly identity?: string | undefined
}

/** Which images must be signed by whom. See {@link EngineOptions.signatures}. */
export type SignaturePolicy = {
  /** `'registry.example/team/app'`, everything below `'registry.example/team/*'` or `'registry.example/*'`, or all: `'*'`. */
  readonly match: string
} & (
  | (VerifyOptions & {
      /** Not beside `keys`. */
      readonly accept?: undefined
      /** Not beside `keys`. */
      readonly reject?: undefined
    })
  | {
      /** Takes them unsigned. */
      readonly accept: true
      /** Not beside `accept`. */
      readonly reject?: undefined
    }
  | {
      /** Takes none of them. */
      readonly reject: true
      /** Not beside `reject`. */
      readonly accept?: undefined
    }
)

const privateKey = pem(
  /-----BEGIN ((EC|RSA|ENCRYPTED|ENCRYPTED COSIGN|ENCRYPTED SIGSTORE) )?PRIVATE KEY-----/,
  'private',
)
const publicKey = pem(/-----BEGIN PUBLIC KEY-----/, 'public')
const annotations = check.recordOf(check.string)

const signShape: Shape<SignOptions> = {
  key: check.required(privateKey),
  password: check.string,
  annotations,
}

const publicKeys: Check = (value, option) => {
  check.arrayOf(publicKey, 256)(value, option)
  if ((value as readonly unknown[]).length === 0) throw invalidArgument(option, 'is empty: no signature could match')
}

const identity: Check = (value, option) => {
  check.nonEmptyString(value, option)
  if (value === 'any') return
  const { tag, digest } = parseReference(value)
  if (tag !== undefined || digest !== undefined)
    throw invalidArgument(option, 'expected a repository without tag and digest')
}

const verifyShape: Shape<VerifyOptions> = { keys: check.required(publicKeys), annotations, identity }
const choice = check.oneOf(true)
const requiringShape = { ...verifyShape, match: check.required(check.any), accept: choice, reject: choice }
const decidedShape = { match: check.required(check.any), accept: choice, reject: choice }

/** Refuses what is no {@link SignOptions}. */
export const checkSignOptions: Check = check.object(signShape)

/** Refuses what is no {@link VerifyOptions}. */
export const checkVerifyOptions: Check = check.object(verifyShape)

/** Refuses what is no list of {@link SignaturePolicy}, and two of the same images. */
export const checkSignaturePolicies: Check = (value, option) => {
  check.arrayOf(checkPolicy, 1024)(value, option)
  const seen = new Set<string>()
  for (const [index, { match }] of (value as readonly SignaturePolicy[]).entries()) {
    const pattern = parsePattern(match, `${option}[${index}].match`)
    const key = `${pattern.prefix} ${pattern.below}`
    if (seen.has(key)) throw invalidArgument(`${option}[${index}].match`, 'is there twice')
    seen.add(key)
  }
}

const checkPolicy: Check = (value, option) => {
  const { accept, reject } = (value ?? {}) as { readonly accept?: unknown; readonly reject?: unknown }
  const isDecided = accept !== undefined || reject !== undefined
  if (value === undefined) throw invalidArgument(option, 'expected an object')
  checkOptions<object>(value, isDecided ? decidedShape : requiringShape, option)
  if (accept !== undefined && reject !== undefined)
    throw invalidArgument(option, 'accept and reject exclude each other')
}

// Text by its header: a private key among the public ones would be a mistake that nobody sees.
function pem(header: RegExp, kind: string): Check {
  return (value, option) => {
    const text = value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value
    if (typeof text === 'string' && (text.startsWith('/') || header.test(text))) return
    throw invalidArgument(option, `expected a ${kind} key as PEM text, or the absolute path of a file with it`)
  }
}
