// SPDX-License-Identifier: Apache-2.0
import { availableParallelism } from 'node:os'
import type { LayerSource } from '../layer/ensure-layer.js'
import { eachInParallel } from '../layer/parallel.js'
import type { Descriptor } from '../oci/descriptor.js'
import type { Digest } from '../oci/digest.js'
import { hostPlatform, type Platform, parsePlatform } from '../oci/platform.js'
import { bestPlatform } from '../oci/platform-match.js'
import { canonicalReference, parseReference, type Reference, withDefaultTag } from '../oci/reference.js'
import type { RegistryAuth } from '../registry/registry-client.js'
import { refuseRejected } from '../signature/check-policy.js'
import type { VerifyOptions } from '../signature/signature-options.js'
import { sourceAnnotation } from '../store/image-names.js'
import { checkOptions } from '../util/validate.js'
import { findByReference, notFound } from './find-image.js'
import type { ImageRecord } from './image-record.js'
import { refuseUnaskable, requireTrust } from './image-trust.js'
import { recordOf } from './keep-image.js'
import { nameImage } from './name-image.js'
import { type LayerProgress, ProgressMeter, type TotalProgress } from './progress-meter.js'
import type { Report } from './progress-operation.js'
import type { Remote, TransferContext } from './pull-context.js'
import { type LayerPhase, pullLayer } from './pull-layer.js'
import { whilePulling } from './pull-lease.js'
import { type PullOptions, pullShape } from './pull-options.js'
import { type ResolvedImage, resolveImage } from './pull-resolve.js'

/** What a pull tells while it is under way. */
export type PullStep =
  | {
      /** What the reference stands for is known. */
      readonly type: 'resolved'
      /** In full. */
      readonly reference: string
      /** What the tag points to: of an index, where there is one. */
      readonly digest: Digest
      /** What the image is made for. */
      readonly platform: Platform
    }
  | LayerProgress<LayerPhase>
  | TotalProgress

/** The image, and whether it was in the store already. */
export interface PulledImage {
  readonly record: ImageRecord
  readonly cached: boolean
}

// Small layers wait for the registry more than for us, large ones for the processors.
const parallelLayers = Math.max(4, availableParallelism())

/** Brings an image from its registry into the store, as the policy says. See `Image.pull`. */
export async function pullImage(
  context: TransferContext,
  text: string,
  options: PullOptions,
  report: Report<PullStep>,
): Promise<PulledImage> {
  checkOptions(options, pullShape)
  refuseUnaskable(options)
  const { policy = 'missing', auth, verify, signal } = options
  signal?.throwIfAborted()
  const reference = pulledReference(text)
  const platform = wantedPlatform(context, options.platform)
  // Only whoever takes what is there takes it for whatever machine it was pulled.
  const anyPlatform = options.platform === undefined && policy !== 'always'
  const known = await knownImage(context, reference, anyPlatform ? undefined : platform)
  if (policy === 'never' && !known) throw notFound(text)
  const isEnough = known && (policy !== 'always' || reference.digest !== undefined)
  if (!isEnough) refuseRejected(reference, context.signatures)
  const remote = isEnough ? undefined : await remoteOf(context, reference, auth)
  if (known && (remote === undefined || (await isCurrent(context, { remote, reference, verify, signal })))) {
    const digest = (await sourceOf(context, reference)) ?? known.digest
    if (remote !== undefined || verify !== undefined) {
      const asked = { remote: remote ?? (await remoteOf(context, reference, auth)), reference, verify, signal }
      await requireTrust(context, asked, reference.digest ?? digest)
    }
    report('resolved', { type: 'resolved', reference: canonicalReference(reference), digest, platform: known.platform })
    return { record: known, cached: true }
  }
  const asking = { remote: remote ?? (await remoteOf(context, reference, auth)), reference, verify, signal }
  return {
    record: await whilePulling(context, signal, () => bringIn(context, { ...asking, platform }, report)),
    cached: false,
  }
}

/** The repository of a reference, as the caller may see it. */
export async function remoteOf(
  context: TransferContext,
  { domain, path }: Reference,
  auth: RegistryAuth | undefined,
): Promise<Remote> {
  return { client: await context.registries(), repository: { host: domain, repository: path }, auth }
}

function wantedPlatform(context: TransferContext, text: string | undefined): Platform {
  return text === undefined ? (context.platform ?? hostPlatform()) : parsePlatform(text)
}

/** A reference as it is pulled: with a digest the tag says nothing. */
export function pulledReference(text: string): Reference {
  const reference = withDefaultTag(parseReference(text))
  return reference.digest === undefined ? reference : { ...reference, tag: undefined }
}

async function knownImage(
  context: TransferContext,
  reference: Reference,
  platform: Platform | undefined,
): Promise<ImageRecord | undefined> {
  const found = await findByReference(context, reference)
  if (found === undefined || platform === undefined) return found?.record
  return bestPlatform([found.record], platform) && found.record
}

interface Asking {
  readonly remote: Remote
  readonly reference: Reference
  readonly verify: VerifyOptions | undefined
  readonly signal: AbortSignal | undefined
}

// Whether the tag still stands for what was pulled.
async function isCurrent(context: TransferContext, { remote, reference, signal }: Asking): Promise<boolean> {
  const { tag = 'latest' } = reference
  const now = await remote.client.resolve(remote.repository, tag, { auth: remote.auth, signal })
  return now !== null && now.digest === (await sourceOf(context, reference))
}

// What the name was pulled as: an index, or the manifest itself.
async function sourceOf({ store }: TransferContext, reference: Reference): Promise<Digest | undefined> {
  const entry = await store.images.get(canonicalReference(reference))
  return (entry?.annotations?.[sourceAnnotation] ?? entry?.digest) as Digest | undefined
}

async function bringIn(
  context: TransferContext,
  resolving: Asking & { readonly platform: Platform },
  report: Report<PullStep>,
): Promise<ImageRecord> {
  const { remote, reference, signal } = resolving
  const resolved = await resolveImage(context, resolving)
  const { top, content, manifest } = resolved
  const { platform } = content.document
  const name = canonicalReference(reference)
  report('resolved', { type: 'resolved', reference: name, digest: top.digest, platform })
  await pullLayers(context, { remote, layers: content.layers, signal }, report)
  const { digest, size } = content.descriptor
  await context.store.blobs.ingest([manifest], { digest, size })
  await nameImage(context.store, name, entryOf(resolved), signal)
  return await recordOf(context, digest)
}

async function pullLayers(
  context: TransferContext,
  { remote, layers, signal }: Omit<Asking, 'reference' | 'verify'> & { readonly layers: readonly LayerSource[] },
  report: Report<PullStep>,
): Promise<void> {
  const distinct = [...new Map(layers.map((layer) => [`${layer.blob.digest} ${layer.diffId}`, layer])).values()]
  const meter = new ProgressMeter<LayerPhase>(report, [
    ...new Map(layers.map(({ blob }) => [blob.digest, blob])).values(),
  ])
  // The largest first, so that none of them is the last one alone.
  const order = distinct.sort((a, b) => b.blob.size - a.blob.size)
  await eachInParallel(order, { limit: parallelLayers, signal }, async (layer, aborted) => {
    const onPhase = (phase: LayerPhase, bytes: number, here: number) => {
      meter.layer(layer.blob, phase, bytes)
      meter.moved(layer.blob, here)
    }
    await pullLayer(context, { remote, layer, signal: aborted, callerSignal: signal, onPhase })
  })
  meter.total()
}

function entryOf({ top, content }: ResolvedImage): Descriptor {
  const { mediaType, digest, size } = content.descriptor
  const annotations = top.digest === digest ? undefined : { [sourceAnnotation]: top.digest }
  return { mediaType, digest, size, platform: content.document.platform, annotations }
}
