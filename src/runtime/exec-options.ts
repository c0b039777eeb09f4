// SPDX-License-Identifier: Apache-2.0
import type { Readable } from 'node:stream'
import type { ByteSize } from '../util/byte-size.js'
import type { TerminalSize, Ulimits } from './container-option-parts.js'

/** Where the output of a process goes: to us, nowhere, to our own stream of that name, or to an open file. */
export type OutputTarget =
  | 'pipe'
  | 'ignore'
  | 'inherit'
  | number
  | {
      /** Its number: a FileHandle has it. */
      readonly fd: number
    }

/** What all execs of a container can start from. */
export interface ExecDefaults {
  /** Variables beside and over those of the container. */
  readonly env?: Readonly<Record<string, string>> | undefined
  /** Absolute; the container's by default. */
  readonly cwd?: string | undefined
  /** As for containers; the container's by default. */
  readonly user?: string | number | undefined
  /** After this long the whole tree of processes is killed, and the result says `timedOut`. */
  readonly timeoutMs?: number | undefined
  /** At a timeout or an abort, SIGTERM first and SIGKILL this much later; 0 by default: SIGKILL at once. */
  readonly killGraceMs?: number | undefined
  /** Whether a non-zero exit, a signal or a timeout rejects; true by default. */
  readonly check?: boolean | undefined
  /** The most that is kept of both streams together; 16 MiB by default, then the command is killed. */
  readonly maxBuffer?: ByteSize | undefined
  /** setrlimit(2) beside and over those of the container. */
  readonly rlimits?: Ulimits | undefined
}

/** How a command is run in a container. */
export interface ExecOptions extends ExecDefaults {
  /** `'ignore'` by default. Any other string is the text that the command reads. */
  readonly stdin?: 'ignore' | 'pipe' | string | Uint8Array | Readable | ReadableStream<Uint8Array | string> | undefined
  /** A terminal of its own: what it writes comes in `stdout`, both streams in one. */
  readonly tty?: boolean | TerminalSize | undefined
  /** Whether the output is collected for the result; false: it is only in the streams, and waits there to be read. */
  readonly buffer?: boolean | undefined
  /** `'bytes'`: the result has Uint8Arrays. */
  readonly encoding?: 'utf8' | 'bytes' | undefined
  /** `'pipe'` by default. */
  readonly stdout?: OutputTarget | undefined
  /** `'pipe'` by default. */
  readonly stderr?: OutputTarget | undefined
  /** Whether what it started may outlive it. */
  readonly detached?: boolean | undefined
  /** Limits of this command alone. Not yet supported. */
  readonly limits?: object | undefined
  /** Aborted: the command is killed with all it started, and the promise rejects with the reason. */
  readonly signal?: AbortSignal | undefined
}

/** Options under which the result has Uint8Arrays. */
export type BytesExecOptions = ExecOptions & {
  /** What makes the difference. */
  readonly encoding: 'bytes'
}
