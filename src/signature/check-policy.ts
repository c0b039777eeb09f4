// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import type { Digest } from '../oci/digest.js'
import { canonicalReference, type Reference } from '../oci/reference.js'
import { checkSignature, type Requirement } from './check-signature.js'
import type { SignaturePolicy, VerifyOptions } from './signature-options.js'
import { policyFor } from './signature-policy.js'
import type { SignatureSource } from './signature-source.js'

/** What decides whether an image may be used. */
export interface Trust {
  /** Of the engine. */
  readonly policies: readonly SignaturePolicy[] | undefined
  /** Of the call; both have to be content. */
  readonly verify: VerifyOptions | undefined
}

/**
 * Resolves if the image that the reference stands for may be used. ERR_IMAGE_REJECTED where a policy takes none, ERR_SIGNATURE_INVALID
 * where a signature is asked for that is not there.
 */
export async function checkTrust(
  source: SignatureSource,
  image: { readonly reference: Reference; readonly digest: Digest },
  { policies = [], verify }: Trust,
): Promise<void> {
  refuseRejected(image.reference, policies)
  const policy = policyFor(policies, image.reference)
  const requirements: Requirement[] = []
  if (policy && !policy.accept && !policy.reject)
    requirements.push({ ...policy, option: `signatures['${policy.match}']` })
  if (verify) requirements.push({ ...verify, option: 'verify' })
  for (const requirement of requirements) await checkSignature(source, image, requirement)
}

/** Refuses what a policy takes under no circumstances, without asking anybody: ERR_IMAGE_REJECTED. */
export function refuseRejected(reference: Reference, policies: readonly SignaturePolicy[] = []): void {
  const policy = policyFor(policies, reference)
  if (policy?.reject) throw rejected(reference, policy)
}

function rejected(reference: Reference, { match }: SignaturePolicy): EngineError {
  const name = canonicalReference(reference)
  return new EngineError({
    code: 'ERR_IMAGE_REJECTED',
    message: `${name} is refused: signatures['${match}'] takes no image of that name`,
    hint: 'have the engine opened with other signatures if the image is to be used',
    option: 'signatures',
    object: name,
  })
}
