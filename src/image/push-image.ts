// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import { eachInParallel } from '../layer/parallel.js'
import type { Descriptor } from '../oci/descriptor.js'
import type { Digest } from '../oci/digest.js'
import { parseReference, type Reference } from '../oci/reference.js'
import { readSigner } from '../signature/private-key.js'
import { checkOptions } from '../util/validate.js'
import { getStoredAgain } from './find-image.js'
import { fullTag } from './image-options.js'
import type { ImageRecord } from './image-record.js'
import { signPushed } from './image-trust.js'
import { type LayerProgress, ProgressMeter, type TotalProgress } from './progress-meter.js'
import type { Report } from './progress-operation.js'
import type { Remote, TransferContext } from './pull-context.js'
import { remoteOf } from './pull-image.js'
import { type PushContent, pushContent, siblingsOf } from './push-content.js'
import { type PushOptions, pushShape } from './push-options.js'

/** What happens to a layer on its way to a registry: it is there already, taken over from another repository there, or uploaded. */
export type PushPhase = 'exists' | 'mounted' | 'upload' | 'done'

/** What a push tells while it is under way. */
export type PushStep = LayerProgress<PushPhase> | TotalProgress

/** Where an image is now. */
export interface PushedImage {
  /** In full. */
  readonly reference: string
  /** Of the manifest, or the index: what the tag points to. */
  readonly digest: Digest
}

const parallelUploads = 4
// Each is a request that may be for nothing.
const mostSiblings = 3

/** Brings an image of the store to a registry. See `Image.push`. */
export async function pushImage(
  context: TransferContext,
  { image, reference: text }: { readonly image: ImageRecord; readonly reference: string | undefined },
  options: PushOptions,
  report: Report<PushStep>,
): Promise<PushedImage> {
  checkOptions(options, pushShape)
  const { auth, sign, signal } = options
  signal?.throwIfAborted()
  const name = fullTag(text ?? onlyTag(image), 'reference')
  if (image.host) throw hostImagePushed(image)
  const reference = parseReference(name)
  const signer = sign && (await readSigner(sign))
  const remote = await remoteOf(context, reference, auth)
  const lease = await context.store.lease(signal)
  try {
    const { entry } = await getStoredAgain(context, image)
    const content = await pushContent(context, entry)
    await pushTo(context, { remote, content, signal }, reference, report)
    const pushed = { remote, reference, digest: entry.digest, signal }
    if (sign && signer) await signPushed(context, pushed, { signer, options: sign })
    return { reference: name, digest: entry.digest }
  } finally {
    await lease.release()
  }
}

/** What goes where. */
export interface Pushing {
  readonly remote: Remote
  readonly content: PushContent
  readonly signal: AbortSignal | undefined
}

/** Brings blobs of the store to a repository that it has not, and then the documents; the last one gets the tag. */
export async function pushTo(
  context: TransferContext,
  pushing: Pushing,
  reference: Reference,
  report: Report<PushStep> = () => {},
): Promise<void> {
  await pushBlobs(context, pushing, report)
  await pushDocuments(pushing, reference)
}

async function pushBlobs(
  context: TransferContext,
  { remote, content, signal }: Pushing,
  report: Report<PushStep>,
): Promise<void> {
  const meter = new ProgressMeter<PushPhase>(report, content.blobs)
  const siblings = await siblingsOf(context, remote.repository)
  await eachInParallel(content.blobs, { limit: parallelUploads, signal }, async (blob, aborted) => {
    const from = siblings.get(blob.digest) ?? []
    const phase = await pushBlob(context, { remote, blob, from, signal: aborted, meter })
    meter.moved(blob, blob.size)
    meter.layer(blob, phase, blob.size)
  })
  meter.total()
}

interface BlobPush {
  readonly remote: Remote
  readonly blob: Descriptor
  /** Other repositories of that host that have it. */
  readonly from: readonly string[]
  readonly signal: AbortSignal
  readonly meter: ProgressMeter<PushPhase>
}

async function pushBlob(context: TransferContext, push: BlobPush): Promise<PushPhase> {
  const { remote, blob, from, signal, meter } = push
  const { client, repository, auth } = remote
  const request = { auth, signal }
  if (await client.hasBlob(repository, blob.digest, request)) return 'exists'
  for (const sibling of from.slice(0, mostSiblings)) if (await mount(push, sibling)) return 'mounted'
  let sent = 0
  const onBytes = (count: number) => {
    sent += count
    meter.moved(blob, sent)
    meter.layer(blob, 'upload', sent)
  }
  meter.layer(blob, 'upload', 0)
  await client.uploadBlob(repository, blob, () => openBlob(context, blob), { ...request, onBytes })
  return 'done'
}

// A name in the store does not prove that we may read there.
async function mount({ remote, blob, signal }: BlobPush, sibling: string): Promise<boolean> {
  const request = { auth: remote.auth, signal }
  try {
    return await remote.client.mountBlob(remote.repository, blob.digest, sibling, request)
  } catch (error) {
    if (EngineError.is(error, 'ERR_REGISTRY_DENIED') || EngineError.is(error, 'ERR_REGISTRY_UNAUTHORIZED')) return false
    throw error
  }
}

async function openBlob({ store }: TransferContext, { digest }: Descriptor) {
  const file = await store.blobs.open(digest)
  if (file) return file
  throw new EngineError({
    code: 'ERR_STORE_CORRUPT',
    message: `${digest} is not in the store`,
    object: digest,
    hint: 'pull, load or import the image again',
  })
}

// The registry refuses what names something that is not there yet; the tag moves last of all.
async function pushDocuments({ remote, content, signal }: Pushing, { tag = 'latest' }: Reference): Promise<void> {
  const { client, repository, auth } = remote
  const last = content.documents.at(-1)
  for (const document of content.documents) {
    const { digest, mediaType } = document.descriptor
    const target = document === last ? tag : digest
    await client.putManifest(repository, target, document.bytes, mediaType, { auth, signal })
  }
}

function onlyTag({ tags, id }: ImageRecord): string {
  const [tag, ...others] = tags
  if (tag !== undefined && others.length === 0) return tag
  const problem = tag === undefined ? 'has no name' : `has ${tags.length} names`
  throw invalidArgument(
    'reference',
    `the image ${quoted(tag ?? id)} ${problem}`,
    "say where to: push('ghcr.io/owner/name:tag')",
  )
}

function hostImagePushed({ id }: ImageRecord): EngineError {
  return new EngineError({
    code: 'ERR_UNSUPPORTED',
    message: 'the image of this machine’s own /usr means nothing elsewhere, and is not pushed',
    object: id,
  })
}
