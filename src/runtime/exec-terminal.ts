// SPDX-License-Identifier: Apache-2.0
import { Readable } from 'node:stream'
import type { Connection } from '../native/connection.js'
import type { OwnedDescriptor } from '../native/descriptor.js'
import type { TerminalSize } from './container-option-parts.js'
import type { ExecOptions } from './exec-options.js'
import { bridgeHostTerminal } from './host-terminal.js'
import { asReadable, type StreamSource } from './process-input.js'
import { inputSource } from './stdio-targets.js'
import { Terminal } from './terminal-stream.js'

/** What holds a terminal open for longer than this after the end was meant to outlive the command. */
const graceMs = 50

export interface TerminalHooks {
  /** Gets what is written; without one it waits to be read. */
  readonly sink: { data(chunk: Uint8Array): void; end(): void } | undefined
  /** The detach keys were typed. */
  readonly onDetach: () => void
  /** The stream that was to be typed failed. */
  readonly onStreamFailure: (error: unknown) => void
}

/** The terminal of one exec, which is there only once the command runs. */
export class ExecTerminal {
  readonly #options: ExecOptions
  readonly #hooks: TerminalHooks
  #terminal: Terminal | undefined
  #release: (() => void) | undefined
  #failure: { readonly error: unknown } | undefined
  #waiting: (() => void)[] = []
  #source: Readable | undefined

  constructor(options: ExecOptions, hooks: TerminalHooks) {
    this.#options = options
    this.#hooks = hooks
  }

  get opened(): boolean {
    return this.#terminal !== undefined
  }

  /** What is written, as fast as it is read; also before the terminal is there. */
  readable(): Readable {
    if (this.#terminal) return this.#terminal
    const ready = () => this.#ready()
    const chunks = async function* () {
      yield* await ready()
    }
    return Readable.from(chunks(), { objectMode: false })
  }

  /** It has come. */
  open(master: OwnedDescriptor, connection: Connection): void {
    const terminal = new Terminal(master)
    this.#terminal = terminal
    this.#connectOutput(terminal)
    this.#connectInput(terminal, connection)
    this.#wake()
  }

  resize(size: TerminalSize): void {
    this.#terminal?.resize(size)
  }

  /** The command has ended: the host's terminal is given back, and what was written is read. */
  exited(): void {
    this.#letGo()
    this.#terminal?.endAfterExit(graceMs)
    this.#wake()
  }

  fail(error: unknown): void {
    this.#failure = { error }
    this.#letGo()
    this.#terminal?.hangUp()
    this.#wake()
  }

  /** What is written here is typed; its end is the end-of-file character. */
  input(): WritableStream<string | Uint8Array> {
    return new WritableStream({
      write: async (chunk) => await (await this.#ready()).type(chunk),
      close: async () => (await this.#ready()).typeEnd(),
    })
  }

  #connectOutput(terminal: Terminal): void {
    const { stdout } = this.#options
    const { sink } = this.#hooks
    if (stdout === 'inherit') terminal.pipe(process.stdout, { end: false })
    else if (sink) terminal.on('data', (chunk: Uint8Array) => sink.data(chunk))
    if (sink) terminal.once('end', () => sink.end())
  }

  #connectInput(terminal: Terminal, connection: Connection): void {
    const { stdin, detachKeys, tty } = this.#options
    if (stdin === undefined || stdin === 'ignore' || stdin === 'pipe') return
    if (stdin === 'inherit') {
      const onResize = tty === true ? (size: TerminalSize) => terminal.resize(size) : undefined
      const { onDetach } = this.#hooks
      this.#release = bridgeHostTerminal({ sink: terminal.input, connection, detachKeys, onResize, onDetach })
      return
    }
    const source = inputSource(stdin)
    const text = typeof source === 'string' || source instanceof Uint8Array
    this.#source = text ? Readable.from([Buffer.from(source)]) : asReadable(source as StreamSource)
    this.#type(terminal, this.#source).catch((error) => this.#source && this.#hooks.onStreamFailure(error))
  }

  async #type(terminal: Terminal, source: Readable): Promise<void> {
    for await (const chunk of source) await terminal.type(chunk)
    terminal.typeEnd()
  }

  #letGo(): void {
    this.#release?.()
    const source = this.#source
    this.#source = undefined
    source?.destroy()
  }

  async #ready(): Promise<Terminal> {
    if (!this.#terminal && !this.#failure) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    if (this.#failure) throw this.#failure.error
    return this.#terminal as Terminal
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }
}
