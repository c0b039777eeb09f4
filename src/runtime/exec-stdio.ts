// SPDX-License-Identifier: Apache-2.0
import type { Readable } from 'node:stream'
import type { Connection } from '../native/connection.js'
import type { OwnedDescriptor } from '../native/descriptor.js'
import type { TerminalSize } from './container-option-parts.js'
import type { ExecOptions } from './exec-options.js'
import { ExecTerminal, type TerminalHooks } from './exec-terminal.js'
import { mergeOutputs, outputNames } from './merge-outputs.js'
import { type OutputChunk, OutputLog, type OutputName } from './output-log.js'
import { LazyOutputStream } from './output-stream.js'
import { inputStream, ProcessInput } from './process-input.js'
import { ProcessOutput } from './process-output.js'
import { inputDescriptor, inputSource, isFed, outputDescriptor } from './stdio-targets.js'

/** Where the standard streams of a process are in the descriptors of its message. */
export interface StdioPlaces {
  readonly fds: readonly number[]
  readonly places: {
    readonly stdin?: number
    readonly stdout?: number
    readonly stderr?: number
    readonly outputs?: readonly number[]
    /** Which of them are pipes made for this, and so become those of its user. */
    readonly pipes?: readonly string[]
  }
}

/** What happens to the streams that concerns the exec. */
export interface StdioHooks extends Pick<TerminalHooks, 'onDetach' | 'onStreamFailure'> {
  /** How much was collected, each time there is more. */
  readonly onBytes: (total: number) => void
}

/** The standard streams of one exec. */
export class ExecStdio {
  readonly #options: ExecOptions
  readonly #hooks: StdioHooks
  readonly #log: OutputLog | undefined
  readonly #outputs = new Map<OutputName, ProcessOutput>()
  readonly #input: ProcessInput | undefined
  readonly #terminal: ExecTerminal | undefined
  readonly #streams = new Map<OutputName, LazyOutputStream>()
  #stdin: WritableStream<string | Uint8Array> | undefined
  #open = 0
  #onEnded: (() => void) | undefined
  #failure: { readonly error: unknown } | undefined
  // An end that comes before the start is known may be that of a command that never ran: it waits.
  #started = false
  #held: (() => void)[] = []

  constructor(options: ExecOptions, hooks: StdioHooks) {
    this.#options = options
    this.#hooks = hooks
    this.#log = options.buffer === false ? undefined : new OutputLog()
    if (options.tty) {
      const collected = (options.stdout ?? 'pipe') === 'pipe'
      if (!collected) this.#log?.end('stdout')
      this.#log?.end('stderr')
      // Written to our own output, it is waited for as well.
      const sink = collected ? this.#log && this.#sink('stdout') : this.#end(() => {})
      this.#terminal = new ExecTerminal(options, { ...hooks, sink })
    } else {
      for (const name of outputNames) this.#addPipe(name)
      this.#input = isFed(options.stdin) ? new ProcessInput(inputSource(options.stdin)) : undefined
    }
  }

  /** The descriptors that go along with the request. */
  descriptors(): StdioPlaces {
    const fds: number[] = []
    if (this.#terminal) return { fds, places: {} }
    const pipes = [...(this.#input ? ['stdin'] : []), ...this.#outputs.keys()]
    const places: { stdin?: number; stdout?: number; stderr?: number; pipes: readonly string[] } = { pipes }
    const stdin = this.#input?.readEnd.fd ?? inputDescriptor(this.#options.stdin)
    if (stdin !== undefined) places.stdin = fds.push(stdin) - 1
    for (const name of outputNames) {
      const fd = this.#outputs.get(name)?.writeEnd.fd ?? outputDescriptor(name, this.#options[name])
      if (fd !== undefined) places[name] = fds.push(fd) - 1
    }
    if (!this.#options.detached) return { fds, places }
    const ends = [...this.#outputs.values()].map(({ readFd }) => readFd).filter((fd) => fd !== undefined)
    return { fds, places: { ...places, outputs: ends.map((fd) => fds.push(fd) - 1) } }
  }

  /** The request was sent: the other side has its descriptors. */
  begin(): void {
    this.#input?.readEnd.close()
    for (const output of this.#outputs.values()) output.writeEnd.close()
    for (const output of this.#outputs.values()) output.begin()
    this.#input?.begin(this.#hooks.onStreamFailure)
  }

  /** It runs. */
  spawned(): void {
    this.#started = true
    for (const act of this.#held.splice(0)) act()
  }

  /** The terminal has come. */
  attach(master: OwnedDescriptor, connection: Connection): void {
    this.#terminal?.open(master, connection)
  }

  /** Changes the size of its terminal; one that has ended has none. */
  resize(size: TerminalSize): void {
    this.#terminal?.resize(size)
  }

  /** The process has ended; `onEnded` is called when all it wrote is there, at once if it is. */
  exited(onEnded: () => void): void {
    this.#onEnded = onEnded
    this.spawned()
    this.#input?.close()
    for (const output of this.#outputs.values()) output.exited()
    this.#terminal?.exited()
    const never = this.#terminal?.opened === false
    if (never) this.#log?.end('stdout')
    this.#settle({ atOnce: never })
  }

  /** It did not start, or what became of it is not known. */
  fail(error: unknown): void {
    this.#failure = { error }
    this.#input?.close()
    for (const output of this.#outputs.values()) output.abandon(error)
    this.#terminal?.fail(error)
    this.#log?.fail(error)
    for (const act of this.#held.splice(0)) act()
  }

  collect(name: OutputName): Buffer {
    return this.#log?.collect(name) ?? Buffer.alloc(0)
  }

  stream(name: OutputName): LazyOutputStream {
    const known = this.#streams.get(name)
    if (known) return known
    this.#outputs.get(name)?.open()
    const made = new LazyOutputStream(
      () => this.#readable(name),
      () => this.#start(),
    )
    this.#streams.set(name, made)
    return made
  }

  /** Both streams in order of arrival. */
  merged(): AsyncIterable<OutputChunk> {
    for (const output of this.#outputs.values()) output.open()
    return this.#log ? this.#log.read() : mergeOutputs((name) => this.stream(name))
  }

  /** Null unless it was asked for. */
  get stdin(): WritableStream<string | Uint8Array> | null {
    if (this.#options.stdin !== 'pipe') return null
    this.#stdin ??= this.#terminal?.input() ?? inputStream(() => (this.#input as ProcessInput).writable())
    return this.#stdin
  }

  #addPipe(name: OutputName): void {
    if ((this.#options[name] ?? 'pipe') !== 'pipe') {
      this.#log?.end(name)
      return
    }
    this.#outputs.set(name, new ProcessOutput(this.#log && this.#sink(name)))
  }

  #readable(name: OutputName): Readable {
    if (this.#log) return this.#log.readable(name)
    if (name === 'stdout' && this.#terminal && (this.#options.stdout ?? 'pipe') === 'pipe')
      return this.#terminal.readable()
    return this.#outputs.get(name)?.readable() ?? new OutputLogOfNothing().readable(name)
  }

  #sink(name: OutputName) {
    const log = this.#log as OutputLog
    const { end } = this.#end(() => log.end(name))
    return {
      end,
      data: (chunk: Uint8Array) => {
        log.add(name, chunk)
        this.#hooks.onBytes(log.bytes)
      },
      error: (error: unknown) => {
        log.fail(error)
        this.#hooks.onStreamFailure(error)
        end()
      },
    }
  }

  #end(act: () => void) {
    this.#open++
    const end = () =>
      this.#whenStarted(() => {
        act()
        this.#open--
        this.#settle({ atOnce: false })
      })
    return { data: () => {}, end }
  }

  // Resolves when it is known that the command ran, rejects when it is known that it did not.
  async #start(): Promise<void> {
    await new Promise<void>((resolve) => this.#whenStarted(resolve))
    if (this.#failure) throw this.#failure.error
  }

  #whenStarted(act: () => void): void {
    if (this.#started || this.#failure) act()
    else this.#held.push(act)
  }

  #settle({ atOnce }: { readonly atOnce: boolean }): void {
    if (!atOnce && this.#open > 0) return
    const onEnded = this.#onEnded
    this.#onEnded = undefined
    onEnded?.()
  }
}

class OutputLogOfNothing extends OutputLog {
  constructor() {
    super()
    for (const name of outputNames) this.end(name)
  }
}
