// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import type { ExecResult } from '../errors/exec-result.js'
import { quoted } from '../errors/printable.js'
import type { Signal } from '../errors/signal-name.js'
import type { ExecInfo } from '../native/process-messages.js'
import { execResult } from '../runtime/exec-result.js'
import { signalNumber } from '../runtime/signal-number.js'
import { isIdPrefix } from '../util/random-id.js'
import type { CallOptions } from './call-options.js'
import { linkTo } from './container-link.js'
import type { Subject } from './operate.js'

const nothing = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) }

/**
 * A command that somebody runs in a container, found again: by its id, in any process. Its properties are what is known at the moment. What it
 * writes goes to whoever began it, and to nobody after that one's end: only what it was told to write into a file can be read by others.
 */
export class ContainerExec {
  readonly #subject: Subject
  #info: ExecInfo

  /** @internal */
  constructor(subject: Subject, info: ExecInfo) {
    this.#subject = subject
    this.#info = info
  }

  /** 64 hex digits. */
  get id(): string {
    return this.#info.id
  }

  /** What is run; of a very long command line its beginning. */
  get argv(): readonly string[] {
    return this.#info.argv
  }

  /** As the host sees it; null once it has ended. */
  get pid(): number | null {
    return this.#info.pid
  }

  /** Until it has ended. */
  get running(): boolean {
    return this.#info.result === null
  }

  /** Whether it goes on without the process that began it. */
  get detached(): boolean {
    return this.#info.detached
  }

  /** When it was begun. */
  get startedAt(): Date {
    return new Date(this.#info.startedAt)
  }

  /** How it ended, without its output, which went to whoever began it; null before. */
  get result(): ExecResult | null {
    const { argv, result } = this.#info
    return result && (execResult(argv, result, nothing, 'utf8') as ExecResult)
  }

  /** Waits for its end. Rejects for no end of its own, only with ERR_EXEC_NOT_FOUND, or when the container is gone. */
  async wait({ signal }: CallOptions = {}): Promise<ExecResult> {
    signal?.throwIfAborted()
    if (this.result) return this.result
    const outcome = await this.#ask('exec.wait', signal)
    this.#info = { ...this.#info, pid: null, result: outcome }
    return this.result as unknown as ExecResult
  }

  /** Sends a signal, SIGTERM by default; SIGKILL takes the whole tree of processes. Nothing happens once it has ended. */
  async kill(signal: Signal = 'SIGTERM'): Promise<void> {
    const number = signalNumber(signal, 'signal')
    const { context, container } = this.#subject
    const connection = await linkTo(context, container)
    try {
      await connection.request('exec.kill', { exec: this.id, signal: number })
    } catch (error) {
      if (!EngineError.is(error) || error.errno !== 'ESRCH') throw error
    }
  }

  /** Brings the properties up to date. ERR_EXEC_NOT_FOUND when it ended too long ago. */
  async refresh(options: CallOptions = {}): Promise<void> {
    const [info] = await askExecs(this.#subject, options, this.id)
    if (info === undefined) throw notFound(this.id)
    this.#info = info
  }

  async #ask(op: 'exec.wait', signal: AbortSignal | undefined) {
    const { context, container } = this.#subject
    const connection = await linkTo(context, container)
    try {
      return (await connection.request(op, { container: container.id, exec: this.id }, { signal })).result
    } catch (error) {
      throw EngineError.is(error) && error.errno === 'ESRCH' ? notFound(this.id) : error
    }
  }
}

/** Those that run, and, for some minutes, those that have ended; oldest first. */
export async function listExecs(subject: Subject, options: CallOptions): Promise<readonly ContainerExec[]> {
  const infos = await askExecs(subject, options)
  return infos
    .map((info) => new ContainerExec(subject, info))
    .sort((a, b) => a.startedAt.getTime() - b.startedAt.getTime())
}

/** The exec of that id, or unique beginning of one. ERR_EXEC_NOT_FOUND, ERR_AMBIGUOUS_ID. */
export async function findExec(subject: Subject, id: string, options: CallOptions): Promise<ContainerExec> {
  if (typeof id !== 'string' || !isIdPrefix(id)) throw notFound(String(id))
  const found = (await askExecs(subject, options)).filter((info) => info.id.startsWith(id))
  if (found.length > 1)
    throw new EngineError({
      code: 'ERR_AMBIGUOUS_ID',
      message: `the id ${quoted(id)} fits ${found.length} execs`,
      object: id,
    })
  if (found[0] === undefined) throw notFound(id)
  return new ContainerExec(subject, found[0])
}

async function askExecs(
  { context, container }: Subject,
  { signal }: CallOptions,
  exec?: string,
): Promise<readonly ExecInfo[]> {
  signal?.throwIfAborted()
  const connection = await linkTo(context, container)
  const args = { container: container.id, ...(exec !== undefined && { exec }) }
  return (await connection.request('execs', args, { signal })).result.execs
}

function notFound(id: string): EngineError {
  return new EngineError({ code: 'ERR_EXEC_NOT_FOUND', message: `there is no exec ${quoted(id)}`, object: id })
}
