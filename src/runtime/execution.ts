// SPDX-License-Identifier: Apache-2.0
import type { ExecResult } from '../errors/exec-result.js'
import type { Signal } from '../errors/signal-name.js'
import type { OutputChunk } from './output-log.js'
import type { OutputStream } from './output-stream.js'

/**
 * A command that runs: a promise of its result and a handle of the process in one. Reading one of its streams marks the
 * promise as handled; so does `kill`, the end of its container by this program, and with `detached` its start: a failure that nobody
 * awaits is no unhandled rejection then. Returned from an async function it becomes its result, as promises do.
 */
export interface Execution<T extends string | Uint8Array = string> extends Promise<ExecResult<T>>, AsyncDisposable {
  /** 64 hex digits. */
  readonly id: string
  /** Non-null if and only if `stdin: 'pipe'` was asked for. */
  readonly stdin: WritableStream<string | Uint8Array> | null
  /** What it writes there; empty where that goes elsewhere. */
  readonly stdout: OutputStream
  /** As `stdout`; with a terminal nothing comes here. */
  readonly stderr: OutputStream
  /** Both streams in order of arrival: from the beginning for each loop, with `buffer: false` from where the last one stopped. */
  readonly output: AsyncIterable<OutputChunk>
  /** Resolves when the program runs; `pid` is the host's. Rejects as the promise itself does when it never runs. */
  spawned(): Promise<{
    /** As the host sees it. */
    readonly pid: number
  }>
  /** Sends a signal, SIGTERM by default; SIGKILL takes the whole tree of processes. Nothing happens once it has ended. */
  kill(signal?: Signal): Promise<void>
  /** Changes the size of its terminal. */
  resize(size: { readonly columns: number; readonly rows: number }): Promise<void>
}
