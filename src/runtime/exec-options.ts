// SPDX-License-Identifier: Apache-2.0
import type { Readable } from 'node:stream'
import type { ByteSize } from '../util/byte-size.js'
import type { TerminalSize, Ulimits } from './container-option-parts.js'
import type { ResourceOptions } from './resources.js'

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

/** What one command may use, within what its container may. */
export type ExecLimits = Pick<ResourceOptions, 'memory' | 'memorySwap' | 'cpus' | 'cpuShares' | 'pidsLimit'>

/** How a command is run in a container. */
export interface ExecOptions extends ExecDefaults {
  /**
   * `'ignore'` by default; `'pipe'`: what is written to {@link Execution.stdin}; `'inherit'`: our own, with `tty` the terminal of this process,
   * raw, so that every key goes to the command. A descriptor or FileHandle is read by the command itself. Any other string is the text
   * that it reads. A stream that fails ends the command, and the promise rejects with its error.
   */
  readonly stdin?:
    | 'ignore'
    | 'pipe'
    | 'inherit'
    | string
    | Uint8Array
    | Readable
    | ReadableStream<Uint8Array | string>
    | number
    | {
        /** Its number: a FileHandle has it. */
        readonly fd: number
      }
    | undefined
  /**
   * A terminal of its own: what it writes comes in `stdout`, both streams in one. `true`: 80 by 24, or with `stdin` or `stdout: 'inherit'` the
   * size of this process's terminal, also when that changes.
   */
  readonly tty?: boolean | TerminalSize | undefined
  /**
   * With `tty` and `stdin: 'inherit'`: the keys that leave the command running and reject the promise with ERR_EXEC_DETACHED; Docker's
   * `'ctrl-p,ctrl-q'` by default, `''` for none.
   */
  readonly detachKeys?: string | undefined
  /** Whether the output is collected for the result; false: it is only in the streams, and waits there to be read. */
  readonly buffer?: boolean | undefined
  /** `'bytes'`: the result has Uint8Arrays. */
  readonly encoding?: 'utf8' | 'bytes' | undefined
  /** `'pipe'` by default. */
  readonly stdout?: OutputTarget | undefined
  /** `'pipe'` by default. */
  readonly stderr?: OutputTarget | undefined
  /**
   * Whether what it started may outlive it, and it this process or its engine, where the container does: `container.getExec(id)` finds it again.
   * What it writes is dropped from then on, unless `stdout` and `stderr` are open files; its input ends. A reader that cancels does not end it.
   */
  readonly detached?: boolean | undefined
  /** Limits of this command and all it starts. ERR_LIMIT_UNSUPPORTED where the host has no cgroups for that. */
  readonly limits?: ExecLimits | undefined
  /** Aborted: the command is killed with all it started, and the promise rejects with the reason. */
  readonly signal?: AbortSignal | undefined
}

/** Options under which the result has Uint8Arrays. */
export type BytesExecOptions = ExecOptions & {
  /** What makes the difference. */
  readonly encoding: 'bytes'
}
