// SPDX-License-Identifier: Apache-2.0
import { Readable } from 'node:stream'
import { EngineError } from '../errors/engine-error.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import type { Connection } from '../native/connection.js'
import type { AttachProgress } from '../native/process-messages.js'
import { AttachedInput } from '../runtime/attached-input.js'
import type { Attachment, AttachOptions } from '../runtime/attachment.js'
import type { TerminalSize } from '../runtime/container-option-parts.js'
import { bridgeHostTerminal, hostTerminalSize } from '../runtime/host-terminal.js'
import { mergeOutputs, outputNames } from '../runtime/merge-outputs.js'
import { checkTerminalSize } from '../runtime/option-checks.js'
import type { OutputChunk, OutputName } from '../runtime/output-log.js'
import { LazyOutputStream, type OutputStream } from '../runtime/output-stream.js'
import { ProcessOutput } from '../runtime/process-output.js'
import { onAbort } from '../util/abort.js'
import { deferred } from '../util/deferred.js'
import { randomId } from '../util/random-id.js'
import { keepAlive } from './keep-alive.js'

type Ending = 'exited' | 'detached'
interface Target {
  readonly connection: Connection
  readonly container: string
}
interface Subject {
  readonly tty: boolean
  /** What an error is to be for the caller. */
  readonly explain: (error: unknown) => unknown
}
type Streams = Pick<AttachOptions, 'stdin' | 'stdout' | 'stderr'>

const letGo = new EngineError({ code: 'ERR_CONTAINER_STATE', message: 'the attachment was detached' })

/** The one implementation of {@link Attachment}. Made first, so that it can be handed out at once; `begin` sends it off. */
export class ContainerAttachment implements Attachment {
  readonly #id = randomId()
  readonly #options: AttachOptions
  readonly #tty: boolean
  readonly #explain: Subject['explain']
  readonly #outputs = new Map<OutputName, ProcessOutput>()
  readonly #streams = new Map<OutputName, LazyOutputStream>()
  readonly #input: AttachedInput | undefined
  readonly #cancel = new AbortController()
  readonly #attached = deferred<void>()
  readonly #ended = deferred<Ending>()
  readonly #copying: Promise<unknown>[] = []
  #target: Target | undefined
  #release: () => void = () => {}
  #lostBytes = 0

  constructor(options: AttachOptions & Required<Streams>, { tty, explain }: Subject) {
    this.#options = options
    this.#tty = tty
    this.#explain = explain
    for (const name of outputNames)
      if (options[name] !== 'ignore' && !(tty && name === 'stderr')) this.#outputs.set(name, new ProcessOutput())
    if (options.stdin !== 'ignore')
      this.#input = new AttachedInput(() => this.#ask('input.end', { attachment: this.#id }))
  }

  begin(connection: Connection, container: string): this {
    const { signal, whenSlow } = this.#options
    this.#target = { connection, container }
    const fds: number[] = []
    const places: { stdin?: number; stdout?: number; stderr?: number } = {}
    if (this.#input) places.stdin = fds.push(this.#input.readEnd.fd) - 1
    for (const [name, { writeEnd }] of this.#outputs) places[name] = fds.push(writeEnd.fd) - 1
    const args = { container, attachment: this.#id, holdBack: whenSlow === 'wait', ...places }
    const stopListening = onAbort(signal, (reason) => this.#cancel.abort(reason))
    const sent = connection.request('attach', args, {
      fds,
      ref: false,
      signal: this.#cancel.signal,
      failure: { doing: 'attach to the container' },
      onProgress: (progress) => this.#take(progress),
    })
    this.#input?.readEnd.close()
    for (const { writeEnd } of this.#outputs.values()) writeEnd.close()
    this.#copyOutputs()
    sent
      .then(
        ({ result }) => this.#over(result.lostBytes),
        (error) => this.fail(this.#explain(error)),
      )
      .finally(stopListening)
    return this
  }

  /** It could not be attached, was detached, or is lost. */
  fail(error: unknown): void {
    this.#letGo()
    this.#attached.reject(error)
    if (error === letGo) {
      for (const output of this.#outputs.values()) output.exited()
      this.#ended.resolve('detached')
      return
    }
    for (const output of this.#outputs.values()) output.abandon(error)
    this.#ended.reject(error)
  }

  get stdin(): WritableStream<string | Uint8Array> | null {
    return this.#options.stdin === 'pipe' ? (this.#input?.stream ?? null) : null
  }

  get stdout(): OutputStream {
    return this.#stream('stdout')
  }

  get stderr(): OutputStream {
    return this.#stream('stderr')
  }

  get output(): AsyncIterable<OutputChunk> {
    return mergeOutputs((name) => this.#stream(name))
  }

  get lostBytes(): number {
    return this.#lostBytes
  }

  async attached(): Promise<void> {
    await held(this.#attached.promise)
  }

  async ended(): Promise<Ending> {
    return await held(this.#ended.promise)
  }

  async resize(size: TerminalSize): Promise<void> {
    checkTerminalSize(size, 'size')
    if (!this.#tty) throw invalidArgument('tty', 'the container has no terminal', 'make it with tty: true')
    await this.#attached.promise
    await this.#ask('resize', size)
  }

  async detach(): Promise<void> {
    this.#cancel.abort(letGo)
    await this.#ended.promise.catch(() => {})
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.detach()
  }

  #take(progress: AttachProgress): void {
    if ('attached' in progress) this.#connectInput()
    else if ('lostBytes' in progress) this.#lostBytes = progress.lostBytes
    else {
      this.#letGo()
      Promise.all(this.#copying).then(() => this.#ended.resolve('exited'))
    }
  }

  // Everything was delivered.
  #over(lostBytes: number): void {
    this.#lostBytes = lostBytes
    for (const output of this.#outputs.values()) output.exited()
  }

  #connectInput(): void {
    this.#attached.resolve()
    const { stdin, detachKeys } = this.#options
    const input = this.#input
    if (!input || stdin === 'pipe' || stdin === undefined) return
    if (stdin !== 'inherit') {
      input.feed(stdin, (error) => this.#cancel.abort(error))
      return
    }
    if (!this.#tty) {
      const { stdin: own } = process
      own.pipe(input.writable, { end: false })
      const end = () => void input.stream.close().catch(() => {})
      own.once('end', end)
      this.#release = () => void own.off('end', end).unpipe(input.writable).pause()
      return
    }
    const onResize = (size: TerminalSize) => void this.#ask('resize', size).catch(() => {})
    const size = hostTerminalSize()
    if (size) onResize(size)
    const onDetach = () => void this.detach()
    const { connection } = this.#target as Target
    this.#release = bridgeHostTerminal({ sink: input.writable, connection, detachKeys, onResize, onDetach })
  }

  #copyOutputs(): void {
    for (const [name, output] of this.#outputs) {
      if (this.#options[name] !== 'inherit') continue
      const readable = output.held()
      this.#copying.push(new Promise((resolve) => readable.once('close', resolve)))
      readable.on('error', () => {})
      readable.pipe(process[name], { end: false })
    }
  }

  #letGo(): void {
    this.#release()
    this.#release = () => {}
    this.#input?.leave()
  }

  #stream(name: OutputName): LazyOutputStream {
    const known = this.#streams.get(name)
    if (known) return known
    const made = new LazyOutputStream(
      () => this.#readable(name),
      async () => {},
    )
    this.#streams.set(name, made)
    return made
  }

  #readable(name: OutputName): Readable {
    const output = this.#options[name] === 'pipe' ? this.#outputs.get(name) : undefined
    return output?.held() ?? Readable.from([], { objectMode: false })
  }

  async #ask(op: 'input.end' | 'resize', args: object): Promise<void> {
    if (!this.#target) await this.#attached.promise
    const { connection, container } = this.#target as Target
    await connection.request(op, { ...args, container } as never)
  }
}

async function held<T>(promise: Promise<T>): Promise<T> {
  const release = keepAlive()
  try {
    return await promise
  } finally {
    release()
  }
}
