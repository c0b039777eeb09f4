// SPDX-License-Identifier: Apache-2.0
import { createPipe } from '../native/descriptor.js'
import { Output } from '../native/output.js'
import { onAbort } from '../util/abort.js'
import { checkOptions } from '../util/validate.js'
import { type CallOptions, callShape } from './call-options.js'
import { keepAlive } from './keep-alive.js'
import type { Subject } from './operate.js'
import { treeReader } from './read-tree.js'

interface Exporting {
  readonly chunks: AsyncIterator<Uint8Array>
  /** Resolves when the tar is whole. */
  readonly whole: Promise<unknown>
  stop(): void
}

/**
 * Everything in the container's root as a tar, mounts apart, running or not. Nothing is begun before somebody reads; leaving the
 * stream ends it. A stream that ends is whole: a failure, or the end of the container's files, is the stream's error.
 */
export function exportContainer(subject: Subject, options: CallOptions): ReadableStream<Uint8Array> {
  checkOptions<CallOptions>(options, callShape)
  const { signal } = options
  let begun: Promise<Exporting> | undefined
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    const release = keepAlive()
    try {
      signal?.throwIfAborted()
      begun ??= begin(subject, signal)
      const exporting = await begun
      const { done, value } = await exporting.chunks.next()
      if (!done) return controller.enqueue(value)
      await exporting.whole
      controller.close()
    } finally {
      release()
    }
  }
  const cancel = async (): Promise<void> => (await begun?.catch(() => undefined))?.stop()
  return new ReadableStream({ pull, cancel }, { highWaterMark: 0 })
}

async function begin(subject: Subject, signal: AbortSignal | undefined): Promise<Exporting> {
  const reader = await treeReader(subject, 'export')
  const ended = new AbortController()
  const { readEnd, writeEnd } = createPipe()
  const output = new Output(readEnd)
  const reading = reader.read({ what: 'export', action: 'export', output: writeEnd.fd, signal: ended.signal })
  writeEnd.close()
  const stopListening = onAbort(signal, (reason) => {
    ended.abort(reason)
    output.destroy(reason as Error)
  })
  const whole = reading.finally(stopListening)
  // Told by the stream, when it has come to its end.
  whole.catch(() => {})
  const stop = () => {
    ended.abort(new Error('the stream was left'))
    output.destroy()
  }
  return { chunks: output[Symbol.asyncIterator](), whole, stop }
}
