// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import type { Descriptor } from '../oci/descriptor.js'
import type { Digest } from '../oci/digest.js'
import { type Manifest, parseManifest } from '../oci/manifest.js'
import { isManifestType } from '../oci/media-types.js'
import { signatureFormats, signatureTag } from './signature-formats.js'
import type { SignatureSource } from './signature-source.js'

/** What claims to be a signature. */
export interface FoundSignature {
  /** What was signed. */
  readonly payload: Descriptor
  /** In base64, as it stands there. */
  readonly signature: string
  /** For people: the tag or digest of the manifest that has it. */
  readonly where: string
}

// Whoever may push can add any number: what would cost us too much counts as not there.
const mostSignatures = 256
const mostReferrers = 64

/** Signatures of the digest, those under its tag first and then those that refer to it. Nothing of them has been checked. */
export async function* findSignatures(source: SignatureSource, digest: Digest): AsyncGenerator<FoundSignature> {
  const tag = signatureTag(digest)
  yield* await signaturesIn(source, tag)
  const { client, repository, auth, signal } = source
  const referrers = await client.referrers(repository, digest, { auth, signal })
  const manifests = referrers.filter(mayHaveSignatures).sort((a, b) => rank(a) - rank(b))
  for (const { digest: referrer } of manifests.slice(0, mostReferrers)) yield* await signaturesIn(source, referrer)
}

// cosign gives the artifact type; others push what is under the tag with a subject, and then the type is that of its config.
function mayHaveSignatures({ mediaType, artifactType }: Descriptor): boolean {
  const isKnown = artifactType === signatureFormats.artifact || artifactType === signatureFormats.payload
  const isPlain = artifactType === undefined || artifactType.startsWith('application/vnd.oci.')
  return isManifestType(mediaType) && (isKnown || isPlain)
}

function rank({ artifactType }: Descriptor): number {
  return artifactType === signatureFormats.artifact ? 0 : 1
}

async function signaturesIn(source: SignatureSource, where: string): Promise<readonly FoundSignature[]> {
  const manifest = await signatureManifest(source, where).catch(passOver)
  return (manifest?.layers ?? []).slice(0, mostSignatures).flatMap((payload) => {
    const signature = payload.annotations?.[signatureFormats.annotation]
    return payload.mediaType === signatureFormats.payload && signature !== undefined
      ? [{ payload, signature, where }]
      : []
  })
}

// One that is of no use must not hide the others.
function passOver(error: unknown): undefined {
  if (!EngineError.is(error) || !unusable.includes(error.code)) throw error
}

/** The manifest under a tag or digest; undefined where there is none. ERR_IMAGE_INVALID for something else. */
export async function signatureManifest(
  { client, repository, auth, signal }: SignatureSource,
  where: string,
  options: { readonly mirrors?: boolean } = {},
): Promise<Manifest | undefined> {
  try {
    const { bytes, descriptor } = await client.manifest(repository, where, { auth, signal, ...options })
    return parseManifest(bytes, descriptor.mediaType)
  } catch (error) {
    if (EngineError.is(error) && missing.includes(error.code)) return undefined
    throw error
  }
}

const missing: readonly string[] = ['ERR_REGISTRY_MANIFEST_UNKNOWN', 'ERR_REGISTRY_REPOSITORY_UNKNOWN']
const unusable: readonly string[] = ['ERR_IMAGE_INVALID', 'ERR_DIGEST_MISMATCH']
