// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { EngineError } from '../../errors/engine-error.js'
import { onAbort } from '../../util/abort.js'
import { gitFailure } from './git-failure.js'

/** One call of the system's git. */
export interface GitCall {
  /** Given as they are: no shell sees them. */
  readonly args: readonly string[]
  /** All that it gets: nothing of this process's own environment goes along. */
  readonly env: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  /** For messages: `fetch https://…`. */
  readonly doing: string
}

const maxOutput = 256 * 1024 * 1024
const keptErrors = 8192
// git tells of its progress at least every few seconds; a server that says nothing for so long is given up.
const patienceMs = 120_000

/** Calls git and gives what it writes. ERR_ADD_FAILED with the end of what it complains, ERR_UNSUPPORTED where there is no git. */
export async function git(call: GitCall): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of gitOutput(call)) {
    size += chunk.length
    if (size > maxOutput) throw gitFailure(call.doing, `more than ${maxOutput} bytes came`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

/** The same as a stream. Whoever stops reading ends it. */
export async function* gitOutput(call: GitCall): AsyncGenerator<Uint8Array> {
  const { signal, doing } = call
  signal.throwIfAborted()
  const child = begin(call)
  const watch = new Watch(child)
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
  // Waited for below, in any case.
  ended.catch(() => {})
  const stopListening = onAbort(signal, () => end(child))
  try {
    for await (const chunk of child.stdout as Readable) {
      // Whoever reads may take longer than git may.
      watch.pause()
      yield chunk
      watch.resume()
    }
    const [code] = await ended
    signal.throwIfAborted()
    if (code !== 0) throw gitFailure(doing, watch.isGivenUp ? `nothing came for ${patienceMs / 1000} s` : watch.errors)
  } catch (error) {
    signal.throwIfAborted()
    throw isMissing(error) ? withoutGit(doing, error) : error
  } finally {
    stopListening()
    watch.pause()
    end(child)
  }
}

function begin({ args, env }: GitCall): ChildProcess {
  // A group of its own: what it starts goes with it.
  return spawn('git', args, { cwd: '/', env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
}

function end(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // Gone already.
  }
}

/** Keeps the end of what git complains, and gives up one that says nothing. */
class Watch {
  #errors = ''
  #timer: NodeJS.Timeout
  #isPaused = false
  isGivenUp = false

  constructor(readonly child: ChildProcess) {
    this.#timer = this.#wait()
    child.stderr?.on('data', (chunk: Buffer) => {
      this.heard()
      this.#errors = (this.#errors + chunk.toString('latin1')).slice(-keptErrors)
    })
  }

  get errors(): string {
    return this.#errors
  }

  heard(): void {
    clearTimeout(this.#timer)
    if (!this.#isPaused) this.#timer = this.#wait()
  }

  pause(): void {
    this.#isPaused = true
    clearTimeout(this.#timer)
  }

  resume(): void {
    this.#isPaused = false
    this.heard()
  }

  #wait(): NodeJS.Timeout {
    return setTimeout(() => {
      this.isGivenUp = true
      end(this.child)
    }, patienceMs)
  }
}

const isMissing = (error: unknown) => (error as NodeJS.ErrnoException | null)?.code === 'ENOENT'

function withoutGit(doing: string, cause: unknown): EngineError {
  return new EngineError({
    code: 'ERR_UNSUPPORTED',
    message: `cannot ${doing}: there is no program git on this machine`,
    hint: 'apt-get install git',
    cause,
  })
}
