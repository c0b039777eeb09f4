// SPDX-License-Identifier: Apache-2.0
import type { KeyObject } from 'node:crypto'
import { EngineError } from '../errors/engine-error.js'
import { quoted } from '../errors/printable.js'
import type { Digest } from '../oci/digest.js'
import { canonicalReference, parseReference, type Reference } from '../oci/reference.js'
import { type FoundSignature, findSignatures } from './find-signatures.js'
import { isSignedBy, readPublicKeys } from './public-key.js'
import { signatureTag } from './signature-formats.js'
import type { VerifyOptions } from './signature-options.js'
import { repositoryKey } from './signature-policy.js'
import type { SignatureSource } from './signature-source.js'
import { parseClaim, type SignedClaim } from './simple-signing.js'

/** Who asks for a signature, and for which one. */
export interface Requirement extends VerifyOptions {
  /** The option that says so, for messages. */
  readonly option: string
}

/** Resolves if the repository has a signature over exactly that digest that the requirement asks for; else ERR_SIGNATURE_INVALID. */
export async function checkSignature(
  source: SignatureSource,
  image: { readonly reference: Reference; readonly digest: Digest },
  requirement: Requirement,
): Promise<void> {
  const keys = await readPublicKeys(requirement.keys, `${requirement.option}.keys`)
  const problems: string[] = []
  for await (const found of findSignatures(source, image.digest)) {
    const problem = await problemOf(source, found, { ...image, keys, requirement })
    if (problem === null) return
    problems.push(`${found.where}: ${problem}`)
  }
  throw unsigned(image, requirement, problems)
}

interface Expected {
  readonly reference: Reference
  readonly digest: Digest
  readonly keys: readonly KeyObject[]
  readonly requirement: Requirement
}

// The signature before the content: nothing is parsed that no key vouches for.
async function problemOf(source: SignatureSource, found: FoundSignature, expected: Expected): Promise<string | null> {
  if (found.payload.size > maxPayloadBytes) return 'is too large'
  try {
    const payload = await source.readBlob(found.payload)
    const signature = Buffer.from(found.signature, 'base64')
    if (!expected.keys.some((key) => isSignedBy(key, payload, signature))) return 'is by none of the keys'
    return problemWith(parseClaim(payload), expected)
  } catch (error) {
    if (EngineError.is(error) && unreadable.includes(error.code)) return error.message
    throw error
  }
}

const maxPayloadBytes = 256 * 1024
const unreadable: readonly string[] = [
  'ERR_DIGEST_MISMATCH',
  'ERR_IMAGE_INVALID',
  'ERR_REGISTRY_BLOB_UNKNOWN',
  'ERR_UNSUPPORTED',
]

function problemWith(claim: SignedClaim, { reference, digest, requirement }: Expected): string | null {
  if (claim.digest !== digest) return `is of another image, ${quoted(claim.digest)}`
  const { identity, annotations = {} } = requirement
  if (identity !== 'any' && !isNamed(claim.identity, identity, reference))
    return `is of another name, ${quoted(claim.identity, 300)}`
  for (const [name, value] of Object.entries(annotations)) {
    if (!Object.hasOwn(claim.annotations, name) || claim.annotations[name] !== value)
      return `does not say ${quoted(name)}: ${quoted(value)}`
  }
  return null
}

// cosign signs a name without its tag; whoever signs one means it.
function isNamed(signed: string, wanted: string | undefined, reference: Reference): boolean {
  let named: Reference
  try {
    named = parseReference(signed)
  } catch {
    return false
  }
  if (repositoryKey(named) !== repositoryKey(wanted === undefined ? reference : parseReference(wanted))) return false
  const isOtherTag = named.tag !== undefined && reference.tag !== undefined && named.tag !== reference.tag
  return !isOtherTag || reference.digest !== undefined
}

function unsigned(
  { reference, digest }: { readonly reference: Reference; readonly digest: Digest },
  { option, keys, identity }: Requirement,
  problems: readonly string[],
): EngineError {
  const name = canonicalReference(reference)
  const signer = keys.length === 1 ? 'by the key' : `by one of the ${keys.length} keys`
  const forName = identity === undefined || identity === 'any' ? '' : ` for ${identity}`
  const shown = problems.slice(0, 5).map((problem) => `; the one at ${problem}`)
  const rest = problems.length > shown.length ? `; and ${problems.length - shown.length} more` : ''
  const found = problems.length === 0 ? '; there is none' : `${shown.join('')}${rest}`
  return new EngineError({
    code: 'ERR_SIGNATURE_INVALID',
    message: `${name} has no signature over ${digest} ${signer} of ${option}${forName}, looked for at the tag ${signatureTag(digest)} and among the referrers${found}`,
    hint: 'do not use the image unless you know why; whoever publishes it signs it with push({ sign }) or cosign sign --key',
    option,
    object: name,
  })
}
