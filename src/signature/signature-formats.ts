// SPDX-License-Identifier: Apache-2.0
import { type Digest, digestParts } from '../oci/digest.js'

/** Names that cosign gave to what it stores (cosign, "specs/SIGNATURE_SPEC.md"). */
export const signatureFormats = {
  /** The media type of what was signed. */
  payload: 'application/vnd.dev.cosign.simplesigning.v1+json',
  /** The artifact type of signatures that are found as referrers. */
  artifact: 'application/vnd.dev.cosign.artifact.sig.v1+json',
  /** The annotation of a layer that has the signature over its bytes, in base64. */
  annotation: 'dev.cosignproject.cosign/signature',
  /** What a payload says it is. */
  type: 'cosign container image signature',
} as const

/** The tag under which the signatures of a digest are found. */
export function signatureTag(digest: Digest): string {
  const { algorithm, hex } = digestParts(digest)
  // 128 characters are the longest tag.
  return `${algorithm}-${hex.slice(0, 117)}.sig`
}
