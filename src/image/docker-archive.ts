// SPDX-License-Identifier: Apache-2.0
import { basename } from 'node:path'
import { EngineError } from '../errors/engine-error.js'
import type { LayerSource } from '../layer/ensure-layer.js'
import { type Digest, digestOf } from '../oci/digest.js'
import { Fields } from '../oci/fields.js'
import type { ImageDocument } from '../oci/image-config.js'
import { parseImageDocument } from '../oci/image-document.js'
import { parseUntrustedJson } from '../oci/json.js'
import { mediaTypes } from '../oci/media-types.js'
import { canonicalReference, parseReference, withDefaultTag } from '../oci/reference.js'
import type { Store } from '../store/store.js'
import { writeManifest } from './create-image.js'
import { type ImageFiles, invalidArchive } from './image-files.js'
import type { BroughtIn, ImagePlan } from './image-plan.js'

/** An image as manifest.json has it. */
interface Saved {
  readonly configPath: string
  readonly names: readonly string[]
  readonly layerPaths: readonly string[]
}

const maxImages = 1024
const maxDocument = 8 * 1024 * 1024

/** The images of what `docker save` writes. Null: it is none. */
export async function planDockerArchive(files: ImageFiles): Promise<readonly ImagePlan[] | null> {
  const bytes = await files.read('manifest.json', maxDocument)
  if (bytes === null) return null
  const document = parseUntrustedJson(bytes, 'manifest.json', { maxBytes: maxDocument })
  if (!Array.isArray(document)) throw invalidArchive('its manifest.json is not what docker save writes')
  if (document.length === 0 || document.length > maxImages) throw invalidArchive(`it has ${document.length} images`)
  const plans: ImagePlan[] = []
  for (const [at, value] of document.entries()) plans.push(await plan(files, readSaved(value, `manifest.json[${at}]`)))
  return plans
}

function readSaved(value: unknown, path: string): Saved {
  const fields = new Fields(value, path)
  return {
    configPath: fields.required('Config', fields.string('Config')),
    names: (fields.strings('RepoTags', 4096) ?? []).map((tag) =>
      canonicalReference(withDefaultTag(parseReference(tag))),
    ),
    layerPaths: fields.strings('Layers', 1024) ?? [],
  }
}

async function plan(files: ImageFiles, saved: Saved): Promise<ImagePlan> {
  const bytes = await files.need(saved.configPath, maxDocument)
  checkName(saved.configPath, bytes)
  const document = parseImageDocument(bytes)
  const { diffIds } = document
  if (diffIds.length !== saved.layerPaths.length) {
    throw new EngineError({
      code: 'ERR_IMAGE_INVALID',
      message: `${saved.configPath}: names ${diffIds.length} layers, but the archive has ${saved.layerPaths.length}`,
    })
  }
  return { names: saved.names, bringIn: (store, signal) => bringIn({ files, saved, bytes, document }, store, signal) }
}

// The config's file is named after its digest.
function checkName(path: string, bytes: Uint8Array): void {
  const hex = /^([0-9a-f]{64})(?:\.json)?$/.exec(basename(path))?.[1]
  const actual = digestOf(bytes)
  if (hex === undefined || actual === `sha256:${hex}`) return
  throw new EngineError({ code: 'ERR_DIGEST_MISMATCH', message: `the content of ${path} is ${actual}`, object: path })
}

interface Found {
  readonly files: ImageFiles
  readonly saved: Saved
  readonly bytes: Uint8Array
  readonly document: ImageDocument
}

async function bringIn(found: Found, store: Store, signal: AbortSignal | undefined): Promise<BroughtIn> {
  const { files, saved, bytes, document } = found
  const layers: LayerSource[] = []
  for (const [index, path] of saved.layerPaths.entries()) {
    signal?.throwIfAborted()
    layers.push(await bringLayer(files, { store, path, diffId: document.diffIds[index] as Digest, signal }))
  }
  const { platform } = document
  const entry = await writeManifest(store, { document: bytes, platform, layers: layers.map(({ blob }) => blob) })
  return { entry, layers }
}

interface SavedLayer {
  readonly store: Store
  readonly path: string
  readonly diffId: Digest
  readonly signal: AbortSignal | undefined
}

// A plain tar is what its diffID says; a compressed one is checked when it is unpacked.
async function bringLayer(files: ImageFiles, { store, path, diffId, signal }: SavedLayer): Promise<LayerSource> {
  const claimed = await store.blobs.claim(diffId)
  if (claimed !== undefined) return { blob: { mediaType: mediaTypes.layer, digest: diffId, size: claimed }, diffId }
  const { size, magic } = await files.look(path)
  const mediaType = typeOf(magic)
  const digest = mediaType === mediaTypes.layer ? diffId : undefined
  return { blob: { mediaType, ...(await files.take(store, path, { digest, size }, signal)) }, diffId }
}

function typeOf(magic: Buffer): string {
  const head = magic.toString('hex')
  if (head.startsWith('1f8b')) return mediaTypes.layerGzip
  return head === '28b52ffd' ? mediaTypes.layerZstd : mediaTypes.layer
}
