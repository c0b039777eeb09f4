// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import type { ExecResult } from '../errors/exec-result.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import type { Signal } from '../errors/signal-name.js'
import type { Connection } from '../native/connection.js'
import type { ExecOutcome } from '../native/process-messages.js'
import type { ResourcesSpec } from '../oci/runtime-spec-linux.js'
import { parseByteSize } from '../util/byte-size.js'
import { type Deferred, deferred } from '../util/deferred.js'
import { randomId } from '../util/random-id.js'
import type { TerminalSize } from './container-option-parts.js'
import { defaultDetachKeys } from './detach-keys.js'
import type { ExecOptions } from './exec-options.js'
import { execProcess } from './exec-process.js'
import { execFailure, execResult, spawnError } from './exec-result.js'
import { ExecStdio } from './exec-stdio.js'
import type { Execution } from './execution.js'
import { checkTerminalSize } from './option-checks.js'
import type { OutputChunk } from './output-log.js'
import type { OutputStream } from './output-stream.js'
import type { ExecTemplate } from './process-spec.js'
import { signalNumber } from './signal-number.js'

/** Where a command is run. */
export interface ExecTarget {
  readonly connection: Connection
  readonly container: string
  readonly template: ExecTemplate
  /** Limits of the command alone, as OCI has them. */
  readonly limits?: ResourcesSpec | undefined
}

export interface ExecRequest {
  readonly argv: readonly string[]
  /** Checked, defaults applied. */
  readonly options: ExecOptions
  /** Called when it is over, before the promise settles. */
  readonly cleanUp?: (() => Promise<void>) | undefined
  /** What an error is to be for the caller. */
  readonly explain?: ((error: unknown) => unknown) | undefined
  /** Whether this program has ended the container, and with that the command. */
  readonly containerEnded?: (() => boolean) | undefined
}

type Result<T extends string | Uint8Array> = ExecResult<T>

const defaultMaxBytes = 16 * 1024 * 1024
const noop = () => {}

/** The one implementation of {@link Execution}. Made first, so that it can be handed out at once; {@link ExecRun.begin} sends it off. */
export class ExecRun<T extends string | Uint8Array> implements Execution<T> {
  readonly id = randomId()
  readonly [Symbol.toStringTag] = 'Execution'
  readonly #request: ExecRequest
  readonly #promise: Promise<Result<T>>
  #resolve!: (result: Result<T>) => void
  #reject!: (error: unknown) => void
  readonly #stdio: ExecStdio
  readonly #maxBytes: number
  #target: ExecTarget | undefined
  #pid: number | undefined
  #spawning: Deferred<{ pid: number }> | undefined
  #over = false
  /** What is run; it may be known better only when the image is. */
  argv: readonly string[]
  #failure: { readonly error: unknown } | undefined
  #overflown = false
  #broken: { readonly error: unknown } | undefined

  constructor(request: ExecRequest) {
    this.#request = request
    this.argv = request.argv
    const { maxBuffer } = request.options
    this.#maxBytes = maxBuffer === undefined ? defaultMaxBytes : parseByteSize(maxBuffer, 'maxBuffer')
    this.#promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.#stdio = new ExecStdio(request.options, {
      onBytes: (total) => this.#limit(total),
      onDetach: () => this.#detach(),
      onStreamFailure: (error) => this.#breakOff(error),
    })
  }

  /** Sends it off; what goes wrong is told by the promise. */
  begin(target: ExecTarget): this {
    if (this.#over) return this
    this.#target = target
    const { argv } = this
    const { options } = this.#request
    const { fds, places } = this.#stdio.descriptors()
    const args = {
      container: target.container,
      exec: this.id,
      process: execProcess(target.template, argv, options),
      detached: options.detached ?? false,
      ...places,
      ...(target.limits && { limits: target.limits }),
      ...(isDetachable(options) && { detachable: true }),
      ...(options.timeoutMs !== undefined && { timeoutMs: Math.ceil(options.timeoutMs) }),
      ...(options.killGraceMs !== undefined && { killGraceMs: Math.ceil(options.killGraceMs) }),
    }
    const sent = target.connection.request('exec', args, {
      fds,
      signal: options.signal,
      failure: { doing: `run ${quoted(argv[0])}` },
      onProgress: ({ spawned }, [terminal]) => {
        if (terminal) this.#stdio.attach(terminal, target.connection)
        this.#stdio.spawned()
        this.#pid = spawned.pid
        // Whoever lets it outlive everything need not wait for its end.
        if (options.detached) this.#handled()
        this.#spawning?.resolve(spawned)
      },
    })
    this.#stdio.begin()
    sent.then(
      ({ result }) => (result.detached ? this.fail(detachedError(this.id, argv)) : this.#exited(result)),
      (error) => this.fail(error),
    )
    return this
  }

  /** It could not be sent off, or did not start. */
  fail(error: unknown): void {
    if (this.#over) return
    const told = (this.#request.explain ?? ((same) => same))(spawnError(error))
    this.#over = true
    this.#failure = { error: told }
    this.#stdio.fail(told)
    // Whoever waits for the start hears of it there.
    if (this.#spawning) this.#handled()
    this.#spawning?.reject(told)
    void this.#finish(() => this.#reject(told))
  }

  get stdin(): WritableStream<string | Uint8Array> | null {
    return this.#stdio.stdin
  }

  get stdout(): OutputStream {
    this.#handled()
    return this.#stdio.stream('stdout')
  }

  get stderr(): OutputStream {
    this.#handled()
    return this.#stdio.stream('stderr')
  }

  get output(): AsyncIterable<OutputChunk> {
    this.#handled()
    return this.#stdio.merged()
  }

  spawned(): Promise<{ readonly pid: number }> {
    if (this.#failure) return Promise.reject(this.#failure.error)
    if (this.#pid !== undefined) return Promise.resolve({ pid: this.#pid })
    this.#spawning ??= deferred()
    return this.#spawning.promise
  }

  async kill(signal: Signal = 'SIGTERM'): Promise<void> {
    const number = signalNumber(signal, 'signal')
    if (this.#over) return
    // Whoever ends it knows of its end.
    this.#handled()
    if (!this.#target) await this.spawned()
    await this.#signal(number)
  }

  async resize(size: TerminalSize): Promise<void> {
    checkTerminalSize(size, 'size')
    if (!this.#request.options.tty)
      throw invalidArgument('tty', 'this command has no terminal', 'give it one: tty: true')
    if (this.#over) return
    // The terminal comes with the news of the start.
    await this.spawned()
    this.#stdio.resize(size)
  }

  // biome-ignore lint/suspicious/noThenProperty: it is a promise
  then<A = Result<T>, B = never>(
    onResult?: ((result: Result<T>) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#promise.then(onResult, onError)
  }

  catch<B = never>(onError?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<Result<T> | B> {
    return this.#promise.catch(onError)
  }

  finally(onFinally?: (() => void) | null): Promise<Result<T>> {
    return this.#promise.finally(onFinally)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill('SIGKILL').catch(noop)
    await this.#promise.then(noop, noop)
  }

  #handled(): void {
    this.#promise.catch(noop)
  }

  // What it was to read broke off: a result of the half of it would be a lie.
  #breakOff(error: unknown): void {
    if (this.#over) return
    this.#broken ??= { error }
    this.#signal(9).catch(noop)
  }

  #detach(): void {
    this.#target?.connection.request('exec.detach', { container: this.#target.container, exec: this.id }).catch(noop)
  }

  #limit(total: number): void {
    if (total <= this.#maxBytes || this.#overflown) return
    this.#overflown = true
    this.#signal(9).catch(noop)
  }

  async #signal(signal: number): Promise<void> {
    try {
      await this.#target?.connection.request('exec.kill', { exec: this.id, signal })
    } catch (error) {
      if (EngineError.is(error) && (error.errno === 'ESRCH' || error.errno === 'ENOENT')) return
      throw error
    }
  }

  #exited(outcome: ExecOutcome): void {
    this.#stdio.exited(() => {
      if (this.#over) return
      this.#over = true
      this.#spawning?.resolve({ pid: this.#pid ?? 0 })
      void this.#finish(() => this.#settle(outcome))
    })
  }

  async #finish(settle: () => void): Promise<void> {
    if (this.#request.cleanUp) await this.#request.cleanUp().catch(noop)
    settle()
  }

  #settle(outcome: ExecOutcome): void {
    const { argv } = this
    const { options } = this.#request
    const output = { stdout: this.#stdio.collect('stdout'), stderr: this.#stdio.collect('stderr') }
    const result = execResult(argv, outcome, output, options.encoding) as Result<T>
    const { timeoutMs, check } = options
    const containerEnded = result.signal === 'SIGKILL' && (this.#request.containerEnded?.() ?? false)
    if (containerEnded) this.#handled()
    const ends = { timeoutMs, maxBytes: this.#maxBytes, overflown: this.#overflown, containerEnded }
    const failure = execFailure(result, ends)
    if (this.#broken) this.#reject(this.#broken.error)
    else if (failure && (check !== false || this.#overflown)) this.#reject(failure)
    else this.#resolve(result)
  }
}

function isDetachable({ tty, stdin, detachKeys = defaultDetachKeys }: ExecOptions): boolean {
  return Boolean(tty) && stdin === 'inherit' && detachKeys !== ''
}

function detachedError(id: string, argv: readonly string[]): EngineError {
  return new EngineError({
    code: 'ERR_EXEC_DETACHED',
    message: `${quoted(argv.join(' '))} was left running`,
    object: id,
    hint: 'container.getExec(error.object) finds it again',
  })
}
