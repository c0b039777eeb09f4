// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import type { Descriptor } from '../oci/descriptor.js'
import type { Digest } from '../oci/digest.js'
import { onAbort } from '../util/abort.js'
import type { Remote } from './pull-context.js'
import { GrowingFile } from './pull-growing-file.js'
import type { PartialBlob } from './pull-partial.js'

/** Reads the bytes of a blob while they come. */
export type BlobReader<T> = (bytes: AsyncIterable<Uint8Array>, signal: AbortSignal) => Promise<T>

/** A blob, where it comes from, and who reads it. */
export interface BlobTransfer<T> {
  readonly remote: Remote
  readonly blob: Descriptor
  /** Aborted by the caller, or by the failure of another part of the image. */
  readonly signal?: AbortSignal | undefined
  /** The caller's own. */
  readonly callerSignal: AbortSignal | undefined
  /** False: from the registry itself. */
  readonly mirrors?: false | undefined
  readonly onProgress?: ((progress: BlobProgress) => void) | undefined
  readonly read: BlobReader<T>
}

export interface BlobProgress {
  /** Bytes that have come. */
  readonly here: number
  /** Bytes that were read. */
  readonly read: number
}

/** What came, and what the reader made of it. */
export interface Transferred<T> {
  readonly digest: Digest
  readonly size: number
  /** The file was written anew on the way: what is in it now is not what was hashed. */
  readonly rewritten: boolean
  readonly outcome: Outcome<T>
}

type Outcome<T> = { readonly result: T } | { readonly error: unknown }

/**
 * Fills the file, and has it read meanwhile. Where the reader finds fault with the content the rest comes all the same: whether
 * these are the right bytes decides what to say of it. Any other failure, of either, ends both.
 */
export async function transferBlob<T>(transfer: BlobTransfer<T>, partial: PartialBlob): Promise<Transferred<T>> {
  const { blob, onProgress, read, signal } = transfer
  const growing = new GrowingFile(partial.file, {
    digest: blob.digest,
    size: blob.size,
    available: partial.offset,
    onProgress: ({ available, position }) => onProgress?.({ here: available, read: position }),
  })
  const ended = new AbortController()
  const stopListening = onAbort(signal, (reason) => ended.abort(reason))
  const downloading = download(transfer, { partial, growing, signal: ended.signal })
  const reading = readAll(growing, read(growing.chunks(), ended.signal))
  downloading.catch((error) => growing.fail(error))
  reading.catch((error) => ended.abort(error))
  try {
    const [, outcome] = await bothEnded(downloading, reading)
    return { outcome, size: growing.available, rewritten: growing.rewritten, digest: growing.digest() }
  } finally {
    stopListening()
  }
}

interface Download {
  readonly partial: PartialBlob
  readonly growing: GrowingFile
  readonly signal: AbortSignal
}

async function download(
  { remote, blob, mirrors }: BlobTransfer<unknown>,
  { partial: { file, offset }, growing, signal }: Download,
): Promise<void> {
  signal.throwIfAborted()
  if (offset < blob.size) {
    const onBytes = (count: number) => growing.grow(count)
    const onRestart = () => growing.restart()
    const context = { auth: remote.auth, signal, mirrors, file, offset, onBytes, onRestart }
    await remote.client.downloadBlob(remote.repository, blob, context)
  }
  growing.end()
}

async function readAll<T>(growing: GrowingFile, reading: Promise<T>): Promise<Outcome<T>> {
  const outcome = await reading.then(
    (result) => ({ result }),
    (error: unknown) => ({ error }),
  )
  if ('error' in outcome && !isAboutContent(outcome.error)) throw outcome.error
  for await (const _ of growing.chunks());
  return outcome
}

// The file may be closed only when neither uses it any more. The first failure is the one that led to the other.
async function bothEnded<A, B>(a: Promise<A>, b: Promise<B>): Promise<readonly [A, B]> {
  const both = Promise.all([a, b])
  both.catch(() => {})
  await Promise.allSettled([a, b])
  return await both
}

function isAboutContent(error: unknown): boolean {
  return EngineError.is(error) && ['ERR_LAYER_INVALID', 'ERR_DIGEST_MISMATCH'].includes(error.code)
}
