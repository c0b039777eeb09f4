// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Answer, Argument, Call, Deed, Result } from './deeds.js'
import type { World } from './world.js'

/** What an actor said against a deed. */
export class ActorError extends Error {
  override readonly name = 'ActorError'
  readonly code: string

  constructor({ code, message }: { readonly code: string; readonly message: string }) {
    super(`${code}: ${message}`)
    this.code = code
  }
}

/** A Node process with an engine in that world. */
export class Actor {
  readonly pid: number
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  readonly #pending = new Map<number, (answer: Answer) => void>()
  #last = 0

  private constructor(child: ChildProcess) {
    this.#child = child
    this.pid = child.pid ?? 0
    this.#ended = once(child, 'exit').then(() => {
      for (const [id, settle] of this.#pending) settle({ id, error: { code: 'dead', message: 'the actor has ended' } })
    })
  }

  /** `prefix`: a command that runs the rest of its arguments. */
  static async start({ program, root, runRoot }: World, prefix: readonly string[] = []): Promise<Actor> {
    const [command = '', ...words] = [...prefix, process.execPath, program, root, runRoot]
    const child = spawn(command, words, {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '' },
    })
    const actor = new Actor(child)
    await new Promise<void>((resolve, reject) => {
      child.once('exit', () => reject(new Error('the actor did not start')))
      if (child.stdout) {
        createInterface({ input: child.stdout }).on('line', (line) => {
          const answer = JSON.parse(line)
          if (answer.ready) resolve()
          else actor.#pending.get(answer.id)?.(answer)
        })
      }
      child.stdin?.on('error', () => {})
    })
    return actor
  }

  /** Rejects with an {@link ActorError}; its code is `dead` where the actor died of it. */
  async do<D extends Deed>(
    deed: D,
    ...[argument]: Argument<D> extends undefined ? [] : [Argument<D>]
  ): Promise<Result<D>> {
    const call: Call = { id: ++this.#last, deed, argument }
    const answer = await new Promise<Answer>((resolve) => {
      this.#pending.set(call.id, resolve)
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
        resolve({ id: call.id, error: { code: 'dead', message: 'the actor has ended' } })
      }
      this.#child.stdin?.write(`${JSON.stringify(call)}\n`)
    })
    this.#pending.delete(call.id)
    if (answer.error) throw new ActorError(answer.error)
    return answer.value as Result<D>
  }

  /** The code with which the deed fails; undefined when it does not. */
  async failure<D extends Deed>(
    deed: D,
    ...argument: Argument<D> extends undefined ? [] : [Argument<D>]
  ): Promise<ActorError | undefined> {
    return await this.do(deed, ...argument).then(
      () => undefined,
      (error: ActorError) => error,
    )
  }

  /** Ends it without notice. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }

  /** Lets it end by itself. */
  async end(): Promise<void> {
    this.#child.stdin?.end()
    await this.#ended
  }
}
