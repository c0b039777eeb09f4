// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '../oci/digest.js'
import { Fields, invalidField } from '../oci/fields.js'
import { parseUntrustedJson } from '../oci/json.js'
import { signatureFormats } from './signature-formats.js'

/** What a signature says: that this is the image of that name. */
export interface SignedClaim {
  /** The name that was signed, `registry.example/app`, with or without a tag. */
  readonly identity: string
  readonly digest: string
  readonly annotations: Readonly<Record<string, unknown>>
}

const maxPayloadBytes = 256 * 1024

/** The bytes to be signed, as cosign writes them. */
export function formatClaim(claim: {
  readonly identity: string
  readonly digest: Digest
  readonly annotations: Readonly<Record<string, string>> | undefined
}): string {
  return JSON.stringify({
    critical: {
      identity: { 'docker-reference': claim.identity },
      image: { 'docker-manifest-digest': claim.digest },
      type: signatureFormats.type,
    },
    optional: claim.annotations ?? null,
  })
}

/** What was signed. Only for bytes whose signature holds; ERR_IMAGE_INVALID. */
export function parseClaim(payload: Uint8Array): SignedClaim {
  const value = parseUntrustedJson(payload, 'payload', { maxBytes: maxPayloadBytes })
  const fields = new Fields(value, 'payload')
  const critical = fields.required('critical', fields.object('critical'))
  const type = critical.string('type')
  if (type !== signatureFormats.type) throw invalidField('payload.critical.type', 'is not that of cosign')
  const identity = critical.required('identity', critical.object('identity'))
  const image = critical.required('image', critical.object('image'))
  const optional = fields.object('optional') === undefined ? {} : (fields.raw('optional') as object)
  return {
    identity: identity.required('docker-reference', identity.string('docker-reference')),
    digest: image.required('docker-manifest-digest', image.string('docker-manifest-digest')),
    annotations: Object.fromEntries(Object.entries(optional)),
  }
}
