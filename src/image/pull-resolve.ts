// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import type { Descriptor } from '../oci/descriptor.js'
import { digestOf, digestParts } from '../oci/digest.js'
import { isConfigType, isIndexType } from '../oci/media-types.js'
import { formatPlatform, type Platform } from '../oci/platform.js'
import { bestPlatform } from '../oci/platform-match.js'
import { canonicalReference, type Reference } from '../oci/reference.js'
import type { VerifyOptions } from '../signature/signature-options.js'
import { type ImageContent, type ReadBlob, readContent, resolveManifest } from './image-content.js'
import { requireTrust } from './image-trust.js'
import type { Remote, TransferContext } from './pull-context.js'
import { pullSmallBlob } from './pull-layer.js'

/** What a reference turned out to be on a registry. */
export interface ResolvedImage {
  /** What the tag or digest points to: the manifest, or the index that it was chosen from. */
  readonly top: Descriptor
  readonly content: ImageContent
  /** The manifest as it came. */
  readonly manifest: Uint8Array
}

export interface Resolving {
  readonly remote: Remote
  readonly reference: Reference
  readonly platform: Platform
  readonly verify: VerifyOptions | undefined
  readonly signal: AbortSignal | undefined
}

const maxConfigBytes = 8 * 1024 * 1024

/** Asks the registry for manifest and config, and checks them. ERR_IMAGE_PLATFORM lists what there is; ERR_IMAGE_INVALID. */
export async function resolveImage(context: TransferContext, resolving: Resolving): Promise<ResolvedImage> {
  const { remote, reference, platform } = resolving
  const { client, repository } = remote
  const request = { auth: remote.auth, signal: resolving.signal }
  const { descriptor: top, bytes } = await client.manifest(repository, wanted(reference), request)
  if (reference.digest !== undefined) checkDigest(bytes, { ...top, digest: reference.digest, size: bytes.byteLength })
  await requireTrust(context, resolving, top.digest)
  const documents = new Map<string, Uint8Array>([[top.digest, bytes]])
  const read: ReadBlob = async (descriptor) => {
    const known = documents.get(descriptor.digest)
    if (known) return known
    const document = isConfigType(descriptor.mediaType)
      ? await readConfig(context, resolving, descriptor)
      : await readManifest(context, resolving, descriptor)
    documents.set(descriptor.digest, document)
    return document
  }
  const content = await readContent(read, await resolveManifest(read, top, platform))
  if (!isIndexType(top.mediaType)) checkPlatform(content, { reference, platform })
  return { top, content, manifest: await read(content.descriptor) }
}

function wanted({ digest, tag }: Reference): string {
  return digest ?? tag ?? 'latest'
}

async function readManifest(
  { store }: TransferContext,
  { remote, signal }: Resolving,
  descriptor: Descriptor,
): Promise<Uint8Array> {
  const stored = await store.blobs.read(descriptor.digest)
  if (stored) return stored
  const request = { auth: remote.auth, signal }
  const { bytes } = await remote.client.manifest(remote.repository, descriptor.digest, request)
  checkDigest(bytes, descriptor)
  return bytes
}

async function readConfig(
  context: TransferContext,
  { remote, signal }: Resolving,
  blob: Descriptor,
): Promise<Uint8Array> {
  if (blob.size <= maxConfigBytes) return await pullSmallBlob(context, { remote, blob, signal })
  throw new EngineError({
    code: 'ERR_IMAGE_INVALID',
    message: `the config ${blob.digest} has ${blob.size} bytes, more than ${maxConfigBytes}`,
    object: blob.digest,
  })
}

function checkDigest(bytes: Uint8Array, { digest, size }: Descriptor): void {
  const actual = digestOf(bytes, digestParts(digest).algorithm)
  if (actual === digest && bytes.byteLength === size) return
  throw new EngineError({
    code: 'ERR_DIGEST_MISMATCH',
    message: `for the manifest ${digest} (${size} bytes) the registry sent ${actual} (${bytes.byteLength} bytes)`,
    object: digest,
  })
}

// An index says what its manifests are for; without one, the config does.
function checkPlatform(
  { document }: ImageContent,
  { reference, platform }: { readonly reference: Reference; readonly platform: Platform },
): void {
  if (bestPlatform([document], platform)) return
  const there = formatPlatform(document.platform)
  throw new EngineError({
    code: 'ERR_IMAGE_PLATFORM',
    message: `${canonicalReference(reference)} is not there for ${formatPlatform(platform)}`,
    object: canonicalReference(reference),
    option: 'platform',
    hint: `it is there for: ${there}`,
  })
}
