// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { createPipe } from '../native/descriptor.js'
import { createInput } from '../native/input.js'
import { onAbort } from '../util/abort.js'
import { type ByteSource, type ByteStream, openSource, readChunks } from './byte-source.js'

// Fewer wake-ups on both sides than with the kernel's usual 64 KiB.
const pipeBytes = 256 * 1024

/** Reads a descriptor to its end, or stops as soon as the signal aborts. */
export type Reader<T> = (input: number, signal: AbortSignal) => Promise<T>

/**
 * Gives the bytes of the source to `read` as a descriptor: the file itself, or a pipe that is filled as fast as it is emptied.
 * When `read` fails the source is told to stop, and is not waited for. When the source fails, `read` is aborted and the error is
 * the source's. The signal aborts both.
 */
export async function feed<T>(source: ByteSource, signal: AbortSignal | undefined, read: Reader<T>): Promise<T> {
  signal?.throwIfAborted()
  const opened = await openSource(source)
  if ('fd' in opened && 'stat' in opened) {
    try {
      return await read(opened.fd, signal ?? new AbortController().signal)
    } finally {
      await opened.close()
    }
  }
  return await feedStream(opened, signal, read)
}

async function feedStream<T>(source: ByteStream, signal: AbortSignal | undefined, read: Reader<T>): Promise<T> {
  const ended = new AbortController()
  const stopListening = onAbort(signal, (reason) => ended.abort(reason))
  const chunks = readChunks(source)
  const { readEnd, writeEnd } = createPipe(pipeBytes)
  const input = createInput(writeEnd)
  try {
    const reading = read(readEnd.fd, ended.signal)
    // The reader has its own copy by now; while we had one, a reader's end would not end the writing.
    readEnd.close()
    // A pipe that simply ended would look like the end of the archive: the reader is aborted first.
    const writing = pump(chunks, input).catch((error) => ended.abort(error))
    const result = await reading
    await Promise.race([writing, once(input, 'close')])
    ended.signal.throwIfAborted()
    return result
  } finally {
    stopListening()
    readEnd.close()
    input.destroy()
    chunks.stop()
  }
}

function written(input: Writable, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve) => input.write(chunk, () => resolve()))
}

async function pump(chunks: ReturnType<typeof readChunks>, input: Writable): Promise<void> {
  // The reader went away: it says itself why.
  let gone = false
  const closed = new Promise<null>((resolve) => {
    input.once('error', () => {
      gone = true
      resolve(null)
    })
    input.once('close', () => resolve(null))
  })
  for (;;) {
    const chunk = await Promise.race([chunks.next(), closed])
    if (gone || input.destroyed) return
    if (chunk === null) break
    // To the end of each: a source may use its buffer again for the next.
    await Promise.race([written(input, chunk), closed])
  }
  await new Promise<void>((resolve) => input.end(() => resolve()))
}
