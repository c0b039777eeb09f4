// SPDX-License-Identifier: Apache-2.0
import type { Descriptor } from '../oci/descriptor.js'
import { type Digest, digestOf } from '../oci/digest.js'
import { type Manifest, manifestToJson } from '../oci/manifest.js'
import { isConfigType, mediaTypes } from '../oci/media-types.js'
import type { Reference } from '../oci/reference.js'
import { signatureManifest } from './find-signatures.js'
import type { Signer } from './private-key.js'
import { isSignedBy } from './public-key.js'
import { signatureFormats, signatureTag } from './signature-formats.js'
import type { SignatureSource } from './signature-source.js'
import { formatClaim } from './simple-signing.js'

/** Where signatures go. */
export interface SignatureTarget extends SignatureSource {
  /** Uploads a small blob where it is not there yet. */
  writeBlob(blob: Descriptor, bytes: Uint8Array): Promise<void>
}

/**
 * Signs that digest under that name, and adds the signature to those that the repository has. ERR_IMAGE_INVALID where something that is no
 * manifest has the tag: it is not overwritten.
 */
export async function signManifest(
  target: SignatureTarget,
  image: { readonly reference: Reference; readonly digest: Digest },
  {
    signer,
    annotations,
  }: { readonly signer: Signer; readonly annotations: Readonly<Record<string, string>> | undefined },
): Promise<void> {
  const tag = signatureTag(image.digest)
  const payload = Buffer.from(formatClaim({ identity: identityOf(image.reference), digest: image.digest, annotations }))
  const there = await signatureManifest(target, tag, { mirrors: false })
  const layers = there?.layers ?? []
  const digest = digestOf(payload)
  const isOurs = ({ digest: other, annotations: notes }: Descriptor) =>
    other === digest &&
    isSignedBy(signer.publicKey, payload, Buffer.from(notes?.[signatureFormats.annotation] ?? '', 'base64'))
  if (layers.some(isOurs)) return
  const signature = Buffer.from(signer.sign(payload)).toString('base64')
  const layer = {
    mediaType: signatureFormats.payload,
    size: payload.byteLength,
    digest,
    annotations: { [signatureFormats.annotation]: signature },
  }
  await target.writeBlob(layer, payload)
  await putSignatures(target, tag, { there, layers: [...layers, layer] })
}

// As cosign has it: without the tag, and Docker Hub by its old name.
function identityOf({ domain, path }: Reference): string {
  return `${domain === 'docker.io' ? 'index.docker.io' : domain}/${path}`
}

// What else the manifest says stays: it is somebody's.
async function putSignatures(
  target: SignatureTarget,
  tag: string,
  { there, layers }: { readonly there: Manifest | undefined; readonly layers: readonly Descriptor[] },
): Promise<void> {
  const { client, repository, auth, signal } = target
  const manifest = { ...there, schemaVersion: 2, mediaType: mediaTypes.manifest, layers } as const
  const config = await putConfig(target, { there, layers })
  const bytes = Buffer.from(manifestToJson({ ...manifest, config }))
  await client.putManifest(repository, tag, bytes, mediaTypes.manifest, { auth, signal })
}

async function putConfig(
  target: SignatureTarget,
  { there, layers }: { readonly there: Manifest | undefined; readonly layers: readonly Descriptor[] },
): Promise<Descriptor> {
  if (there && !isConfigType(there.config.mediaType)) return there.config
  const document = Buffer.from(configOf(layers))
  const config = { mediaType: mediaTypes.config, size: document.byteLength, digest: digestOf(document) }
  await target.writeBlob(config, document)
  return config
}

// An image config, since registries and tools expect one; it says nothing.
function configOf(layers: readonly Descriptor[]): string {
  return JSON.stringify({
    architecture: '',
    created: '0001-01-01T00:00:00Z',
    history: layers.map(() => ({ created: '0001-01-01T00:00:00Z' })),
    os: '',
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
    config: {},
  })
}
