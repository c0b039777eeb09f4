// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import type { Descriptor } from '../oci/descriptor.js'
import { type Digest, digestOf, digestParts } from '../oci/digest.js'
import { type Index, readIndex } from '../oci/image-index.js'
import { parseUntrustedJson } from '../oci/json.js'
import { checkLayoutHeader, refNameAnnotation } from '../oci/layout.js'
import { isIndexType, isManifestType } from '../oci/media-types.js'
import type { Platform } from '../oci/platform.js'
import { bestPlatform } from '../oci/platform-match.js'
import { canonicalReference, parseReference, withDefaultTag } from '../oci/reference.js'
import type { Store } from '../store/store.js'
import { type ImageContent, type ReadBlob, readContent, resolveAnyManifest, resolveManifest } from './image-content.js'
import { type ImageFiles, invalidArchive } from './image-files.js'
import type { BroughtIn, ImagePlan } from './image-plan.js'
import { wholeIndex } from './whole-index.js'

const maxDocument = 8 * 1024 * 1024

/** Which images of a layout are wanted. */
export interface LayoutChoice {
  /** Of several for one name. */
  readonly platform: Platform
  /** An index comes with all its images, where they are all there; else only the one for the platform does. */
  readonly wholeIndexes: boolean
}

/** The images of an OCI layout with their names. Null: it is no OCI layout. */
export async function planOciLayout(files: ImageFiles, choice: LayoutChoice): Promise<readonly ImagePlan[] | null> {
  const { platform, wholeIndexes } = choice
  const header = await files.read('oci-layout', 4096)
  const bytes = header && (await files.read('index.json', maxDocument))
  if (header === null || bytes === null) return null
  checkLayoutHeader(header)
  const index = readIndex(parseUntrustedJson(bytes, 'index.json', { maxBytes: maxDocument }))
  const read = checkedRead(files)
  const has = ({ digest, size }: Descriptor) => files.has(blobPath({ digest }), size)
  const found = new Map<Digest, Planned & { readonly names: string[] }>()
  for (const [name, entry] of entriesFor(index, platform)) {
    const whole = wholeIndexes && isIndexType(entry.mediaType) ? await wholeIndex({ read, has }, entry) : null
    const manifest = await (whole ? resolveAnyManifest : resolveManifest)(read, entry, platform)
    const root = whole ? entry : manifest
    const known = found.get(root.digest)
    const image = known ?? { content: await readContent(read, manifest), root, whole, names: [] }
    if (name !== null) image.names.push(name)
    found.set(root.digest, image)
  }
  if (found.size === 0) throw invalidArchive('its index.json names no image')
  return [...found.values()].map(({ names, ...image }) => ({
    names,
    bringIn: (store, signal) => bringIn(files, store, image, signal),
  }))
}

interface Planned {
  readonly content: ImageContent
  /** What its names lead to: its manifest, or an index. */
  readonly root: Descriptor
  /** Everything that the index leads to. */
  readonly whole: readonly Descriptor[] | null
}

// One entry a name: the best for the platform, if they differ in that. Entries without name are images of their own.
function entriesFor(index: Index, platform: Platform): readonly (readonly [string | null, Descriptor])[] {
  const images = index.manifests.filter((entry) => isImage(entry) && !isAttestation(entry))
  const names = new Set(images.map(nameOf))
  return [...names].flatMap((name) => {
    const entries = images.filter((entry) => nameOf(entry) === name)
    return choose(entries, platform, name).map((entry) => [name, entry] as const)
  })
}

function choose(entries: readonly Descriptor[], platform: Platform, name: string | null): readonly Descriptor[] {
  if (entries.length === 1) return entries
  const best = bestPlatform(entries, platform)
  const others = entries.filter((entry) => entry.platform === undefined)
  const chosen = best ? [best, ...others] : others
  if (chosen.length === 0) return entries.slice(0, 1)
  return name === null ? chosen : chosen.slice(0, 1)
}

function isImage({ mediaType }: Descriptor): boolean {
  return isManifestType(mediaType) || isIndexType(mediaType)
}

function isAttestation({ platform, annotations }: Descriptor): boolean {
  if (annotations?.['vnd.docker.reference.type'] !== undefined) return true
  return platform?.os === 'unknown' && platform.architecture === 'unknown'
}

// docker save writes the name in full under its own key, and only the tag under the one of OCI. A tag alone is no name.
function nameOf({ annotations }: Descriptor): string | null {
  const text = annotations?.['io.containerd.image.name'] ?? annotations?.[refNameAnnotation]
  if (text === undefined || !/[/:@]/.test(text)) return null
  try {
    return canonicalReference(withDefaultTag(parseReference(text)))
  } catch {
    return null
  }
}

function blobPath({ digest }: Pick<Descriptor, 'digest'>): string {
  const { algorithm, hex } = digestParts(digest)
  return `blobs/${algorithm}/${hex}`
}

function checkedRead(files: ImageFiles): ReadBlob {
  return async (descriptor) => {
    const data = await files.need(blobPath(descriptor), maxDocument)
    checkBytes(data, descriptor)
    return data
  }
}

function checkBytes(data: Uint8Array, { digest, size }: Descriptor): void {
  const actual = digestOf(data, digestParts(digest).algorithm)
  if (actual === digest && data.byteLength === size) return
  throw new EngineError({
    code: 'ERR_DIGEST_MISMATCH',
    message: `the content of ${digest} (${size} bytes) is ${actual} (${data.byteLength} bytes)`,
    object: digest,
  })
}

async function bringIn(
  files: ImageFiles,
  store: Store,
  { content, root, whole }: Planned,
  signal: AbortSignal | undefined,
): Promise<BroughtIn> {
  const { descriptor, manifest, document, layers } = content
  for (const blob of whole ?? [descriptor, manifest.config, ...layers.map((layer) => layer.blob)]) {
    signal?.throwIfAborted()
    const { digest, size } = blob
    if ((await store.blobs.claim(digest)) !== size) await files.take(store, blobPath(blob), { digest, size }, signal)
  }
  const { mediaType, digest, size } = root
  // Annotations of strangers stay outside: ours have a meaning.
  return { entry: { mediaType, digest, size, ...(!whole && { platform: document.platform }) }, layers }
}
