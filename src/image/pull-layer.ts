// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path'
import { ensureLayer, type LayerSource, publishLayer } from '../layer/ensure-layer.js'
import { feed } from '../layer/feed.js'
import { beginLayer } from '../layer/layer-staging.js'
import { unpackLayer } from '../layer/layer-work.js'
import type { Descriptor } from '../oci/descriptor.js'
import { digestParts } from '../oci/digest.js'
import { withLock } from '../store/file-locker.js'
import { KeyedMutex } from '../util/keyed-mutex.js'
import { pullBlob } from './pull-blob.js'
import type { Remote, TransferContext } from './pull-context.js'
import type { BlobProgress, BlobReader } from './pull-transfer.js'

/** What happens to a layer on its way. */
export type LayerPhase = 'download' | 'extract' | 'done' | 'exists'

export interface LayerPull {
  readonly remote: Remote
  readonly layer: LayerSource
  readonly signal: AbortSignal
  /** The caller's own: `signal` is aborted by the failure of another layer too. */
  readonly callerSignal: AbortSignal | undefined
  /** `here`: bytes of the blob in the store by now. */
  readonly onPhase: (phase: LayerPhase, bytes: number, here: number) => void
}

// One process waits for itself here, and for other processes at the lock file.
const pulling = new KeyedMutex()

/**
 * Brings a layer into the store, its blob and its files: unpacked while it is downloaded, each once, in however many processes.
 * The caller holds a lease. True if the blob was unpacked now, so that it is known to be what its manifest says of it.
 */
export async function pullLayer(context: TransferContext, pull: LayerPull): Promise<boolean> {
  const { layer, signal, onPhase } = pull
  const exists = () => {
    onPhase('exists', layer.blob.size, layer.blob.size)
    return false
  }
  if (await isThere(context, layer)) return exists()
  return await whileLocked(context, layer.blob, signal, async () => {
    if (await isThere(context, layer)) return exists()
    const unpacked = await bringIn(context, pull)
    onPhase('done', layer.blob.size, layer.blob.size)
    return unpacked
  })
}

/** What is brought in, and from where. */
export interface BlobPull {
  readonly remote: Remote
  readonly blob: Descriptor
  readonly signal: AbortSignal | undefined
}

/** Brings a blob into the store as it is. The caller holds a lease. */
export async function pullWholeBlob(context: TransferContext, { remote, blob, signal }: BlobPull): Promise<void> {
  const { blobs } = context.store
  if ((await blobs.claim(blob.digest)) === blob.size) return
  await whileLocked(context, blob, signal, async () => {
    if ((await blobs.claim(blob.digest)) === blob.size) return
    await pullBlob(context, { remote, blob, signal, callerSignal: signal, read: drain })
  })
}

/** The same with a small one, whose bytes it returns. */
export async function pullSmallBlob(context: TransferContext, pull: BlobPull): Promise<Uint8Array> {
  await pullWholeBlob(context, pull)
  const data = await context.store.blobs.read(pull.blob.digest)
  if (data === null) throw new TypeError(`the blob ${pull.blob.digest} vanished`)
  return data
}

async function isThere({ store }: TransferContext, { blob, diffId }: LayerSource): Promise<boolean> {
  return (await store.blobs.claim(blob.digest)) === blob.size && (await store.layers.has(diffId))
}

async function bringIn(context: TransferContext, { layer, onPhase, ...pull }: LayerPull): Promise<boolean> {
  const { blob, diffId } = layer
  const { store } = context
  const onProgress = ({ here, read }: BlobProgress) => {
    if (here < blob.size) onPhase('download', here, here)
    else onPhase('extract', read, here)
  }
  if ((await store.blobs.claim(blob.digest)) === blob.size) {
    onPhase('extract', 0, blob.size)
    return await ensureLayer(context, layer, pull.signal)
  }
  if (await store.layers.has(diffId)) {
    await pullBlob(context, { ...pull, blob, onProgress, read: drain })
    return false
  }
  await pullAndUnpack(context, { ...pull, layer, onProgress })
  return true
}

interface Unpacking extends Omit<LayerPull, 'onPhase'> {
  readonly onProgress: (progress: BlobProgress) => void
}

// The blob becomes visible first: whatever happens between, it need not be fetched again.
async function pullAndUnpack(context: TransferContext, { layer, ...pull }: Unpacking): Promise<void> {
  const { blob, diffId } = layer
  const stagings: Awaited<ReturnType<typeof beginLayer>>[] = []
  try {
    const unpacked = await pullBlob(context, {
      ...pull,
      blob,
      read: async (bytes, aborted) => {
        const staging = await beginLayer(context)
        stagings.push(staging)
        return {
          staging,
          facts: await feed(bytes, aborted, await unpacker(context, { layer, target: staging.target.fd })),
        }
      },
    })
    await publishLayer(context, unpacked.staging, { ...unpacked.facts, diffId }, pull.signal)
  } finally {
    for (const staging of stagings) await staging.discard()
  }
}

async function unpacker(
  context: TransferContext,
  { layer, target }: { readonly layer: LayerSource; readonly target: number },
): Promise<(input: number, signal: AbortSignal) => ReturnType<typeof unpackLayer>> {
  const { digest, size } = layer.blob
  const connection = await context.connection()
  // What is read here is hashed on the way (GrowingFile).
  const expected = { digest, size, diffId: layer.diffId, digestElsewhere: true } as const
  const request = { target, expected, host: await context.host(), doing: `unpack layer ${digest}` }
  return (input, signal) => unpackLayer(connection, { ...request, input, signal })
}

const drain: BlobReader<void> = async (bytes) => {
  for await (const _ of bytes);
}

// Another name than that of a layer's lock: an uncompressed layer has the same digest as its blob.
async function whileLocked<T>(
  { store, locker }: TransferContext,
  { digest }: Descriptor,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const path = join(store.paths.locks, `blob-${digestParts(digest).hex}.lock`)
  return await pulling.run(path, () => withLock(locker, { path, mode: 'exclusive', signal }, work), signal)
}
