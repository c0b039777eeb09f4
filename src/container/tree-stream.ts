// SPDX-License-Identifier: Apache-2.0
import { createPipe } from '../native/descriptor.js'
import { Output } from '../native/output.js'
import { onAbort } from '../util/abort.js'
import { keepAlive } from './keep-alive.js'

interface Streaming {
  readonly chunks: AsyncIterator<Uint8Array>
  /** Resolves when the tar is whole. */
  readonly whole: Promise<unknown>
  stop(): void
}

/**
 * Begins to write to the descriptor, which may be closed once the promise it is in has been had: the promise of the end of it all.
 * `fail` ends the stream with that error.
 */
export type TreeWriter = (output: number, signal: AbortSignal, fail: (error: unknown) => void) => Promise<unknown>

/**
 * What a worker writes, as a stream. Nothing is begun before somebody reads; leaving the stream ends it. A stream that ends is whole: a
 * failure is the stream's error.
 */
export function treeStream(signal: AbortSignal | undefined, write: TreeWriter): ReadableStream<Uint8Array> {
  let begun: Promise<Streaming> | undefined
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    const release = keepAlive()
    try {
      signal?.throwIfAborted()
      begun ??= begin(signal, write)
      const streaming = await begun
      const { done, value } = await streaming.chunks.next()
      if (!done) return controller.enqueue(value)
      await streaming.whole
      controller.close()
    } finally {
      release()
    }
  }
  const cancel = async (): Promise<void> => (await begun?.catch(() => undefined))?.stop()
  return new ReadableStream({ pull, cancel }, { highWaterMark: 0 })
}

async function begin(signal: AbortSignal | undefined, write: TreeWriter): Promise<Streaming> {
  const ended = new AbortController()
  const { readEnd, writeEnd } = createPipe()
  const output = new Output(readEnd)
  const end = (reason: unknown) => {
    ended.abort(reason)
    output.destroy(reason as Error)
  }
  const stopListening = onAbort(signal, end)
  const writing = write(writeEnd.fd, ended.signal, end)
  const whole = writing.finally(stopListening)
  // Told by the stream, when it has come to its end.
  whole.catch(() => {})
  whole.then(
    () => writeEnd.close(),
    () => writeEnd.close(),
  )
  const stop = () => {
    ended.abort(new Error('the stream was left'))
    output.destroy()
  }
  return { chunks: output[Symbol.asyncIterator](), whole, stop }
}
