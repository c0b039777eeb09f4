// SPDX-License-Identifier: Apache-2.0
import type { OutputChunk } from './output-log.js'
import type { OutputStream } from './output-stream.js'
import type { InputSource } from './process-input.js'

/** How to attach to the main process of a container. */
export interface AttachOptions {
  /**
   * What it reads, where it was made with `stdin: 'pipe'`: what is written to {@link Attachment.stdin} (`'pipe'`, the default there), a text,
   * bytes or a stream to its end, or our own input (`'inherit'`; of a terminal every key).
   */
  readonly stdin?: 'ignore' | 'pipe' | 'inherit' | InputSource | undefined
  /** `'pipe'` by default. */
  readonly stdout?: 'pipe' | 'ignore' | 'inherit' | undefined
  /** `'pipe'` by default; of a terminal everything comes in `stdout`. */
  readonly stderr?: 'pipe' | 'ignore' | 'inherit' | undefined
  /**
   * What happens when this reader is more than a mebibyte behind: `'skip'`, the default, leaves out what comes until it has caught up
   * ({@link Attachment.lostBytes}); `'wait'` makes the container wait, as Docker does. The log has everything either way.
   */
  readonly whenSlow?: 'skip' | 'wait' | undefined
  /** With a terminal and `stdin: 'inherit'`: the keys that detach; `'ctrl-p,ctrl-q'` by default, `''` for none. */
  readonly detachKeys?: string | undefined
  /** Aborted: it is detached, and its promises reject with the reason. */
  readonly signal?: AbortSignal | undefined
}

/**
 * The standard streams of a container's main process, live from now on: what was written before is in the log. Any number of them, from any
 * process, each for itself. Ends with the process, not with the container: a later start wants a new one.
 */
export interface Attachment extends AsyncDisposable {
  /**
   * What is written here the process reads; null unless that was asked for. Closing it ends the process's input, for everybody (the end-of-file
   * character, where it has a terminal). Detaching does not: that is Docker's `StdinOnce: false`.
   */
  readonly stdin: WritableStream<string | Uint8Array> | null
  /** What it writes there from now on. */
  readonly stdout: OutputStream
  /** As `stdout`; of a terminal nothing comes here. */
  readonly stderr: OutputStream
  /** Both streams in order of arrival. */
  readonly output: AsyncIterable<OutputChunk>
  /** How much was left out because this reader was slow, so far; all of it once everything is read. */
  readonly lostBytes: number
  /** Resolves when nothing written from then on can be missed. A request that was sent later is served later, too. */
  attached(): Promise<void>
  /** Resolves when the process has ended, or this attachment was detached; rejects when it could not be attached, or was lost. */
  ended(): Promise<'exited' | 'detached'>
  /** Changes the size of the process's terminal. */
  resize(size: { readonly columns: number; readonly rows: number }): Promise<void>
  /** Lets go; the process goes on, its input stays open. */
  detach(): Promise<void>
}
