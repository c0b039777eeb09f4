// SPDX-License-Identifier: Apache-2.0
import type { Readable, Writable } from 'node:stream'
import type { ReadStream } from 'node:tty'
import type { OwnedDescriptor } from '../native/descriptor.js'
import { AsyncQueue } from '../util/async-queue.js'
import type { TerminalSize } from './container-option-parts.js'
import type { ExecOptions, OutputTarget } from './exec-options.js'
import { type OutputChunk, OutputLog, type OutputName } from './output-log.js'
import { LazyOutputStream, type OutputStream } from './output-stream.js'
import { feed, inputStream, ProcessInput } from './process-input.js'
import { ProcessOutput } from './process-output.js'
import { openTerminal } from './terminal-stream.js'

/** Where the standard streams of a process are in the descriptors of its message. */
export interface StdioPlaces {
  readonly fds: readonly number[]
  readonly places: { readonly stdin?: number; readonly stdout?: number; readonly stderr?: number }
}

const names: readonly OutputName[] = ['stdout', 'stderr']
const ownDescriptor = { stdout: 1, stderr: 2 } as const

/** The standard streams of one exec. */
export class ExecStdio {
  readonly #options: ExecOptions
  readonly #log: OutputLog | undefined
  readonly #outputs = new Map<OutputName, ProcessOutput>()
  readonly #input: ProcessInput | undefined
  readonly #streams = new Map<OutputName, OutputStream>()
  readonly #onBytes: (total: number) => void
  #terminal: ReadStream | undefined
  #resize: ((size: TerminalSize) => void) | undefined
  #terminalReady: (() => void)[] = []
  #stdin: WritableStream<string | Uint8Array> | undefined
  #open = 0
  #onEnded: (() => void) | undefined
  #failure: { readonly error: unknown } | undefined
  // An end that comes before the start is known may be that of a command that never ran: it waits.
  #started = false
  #held: (() => void)[] = []

  /** `onBytes` hears how much was collected, each time there is more. */
  constructor(options: ExecOptions, onBytes: (total: number) => void) {
    this.#options = options
    this.#onBytes = onBytes
    this.#log = options.buffer === false ? undefined : new OutputLog()
    this.#input = options.tty ? undefined : ProcessInput.of(options.stdin)
    for (const name of names) {
      const collected = options.tty ? name === 'stdout' : this.#target(name) === 'pipe'
      if (collected) this.#open++
      else this.#log?.end(name)
      if (collected && !options.tty) this.#outputs.set(name, new ProcessOutput(this.#log && this.#sink(name)))
    }
  }

  /** The descriptors that go along with the request. */
  descriptors(): StdioPlaces {
    const fds: number[] = []
    const places: { stdin?: number; stdout?: number; stderr?: number } = {}
    if (this.#input) places.stdin = fds.push(this.#input.readEnd.fd) - 1
    if (this.#options.tty) return { fds, places }
    for (const name of names) {
      const fd = this.#descriptor(name)
      if (fd !== undefined) places[name] = fds.push(fd) - 1
    }
    return { fds, places }
  }

  /** The request was sent: the other side has its descriptors. */
  begin(): void {
    this.#input?.readEnd.close()
    for (const output of this.#outputs.values()) output.writeEnd.close()
    for (const output of this.#outputs.values()) output.begin()
    this.#input?.begin()
  }

  /** It runs. */
  spawned(): void {
    this.#started = true
    for (const act of this.#held.splice(0)) act()
  }

  /** The terminal has come. */
  attach(master: OwnedDescriptor): void {
    const { stream: terminal, resize } = openTerminal(master)
    this.#terminal = terminal
    this.#resize = resize
    terminal.unref()
    const sink = this.#log && this.#sink('stdout')
    if (sink) {
      terminal.on('data', (chunk: Uint8Array) => sink.data(chunk))
      terminal.once('close', () => sink.end())
    }
    const { stdin } = this.#options
    if (stdin !== undefined && stdin !== 'ignore' && stdin !== 'pipe') feedTerminal(stdin, terminal)
    for (const ready of this.#terminalReady.splice(0)) ready()
  }

  /** Changes the size of its terminal; one that has ended has none. */
  resize(size: TerminalSize): void {
    this.#resize?.(size)
  }

  /** The process has ended; `onEnded` is called when all it wrote is there, at once if it is. */
  exited(onEnded: () => void): void {
    this.#onEnded = onEnded
    this.spawned()
    this.#input?.close()
    for (const output of this.#outputs.values()) output.exited()
    if (this.#terminal) this.#terminal.ref()
    else if (this.#options.tty) this.#log?.end('stdout')
    if (this.#open === 0 || !this.#log || (this.#options.tty && !this.#terminal)) this.#settle()
  }

  /** It did not start, or what became of it is not known. */
  fail(error: unknown): void {
    this.#failure = { error }
    this.#input?.close()
    for (const output of this.#outputs.values()) output.abandon(error)
    this.#terminal?.destroy()
    for (const ready of this.#terminalReady.splice(0)) ready()
    this.#log?.fail(error)
    for (const act of this.#held.splice(0)) act()
  }

  collect(name: OutputName): Buffer {
    return this.#log?.collect(name) ?? Buffer.alloc(0)
  }

  stream(name: OutputName): OutputStream {
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
    return this.#log ? this.#log.read() : this.#merge()
  }

  /** Null unless it was asked for. */
  get stdin(): WritableStream<string | Uint8Array> | null {
    if (this.#options.stdin !== 'pipe') return null
    this.#stdin ??= this.#input ? inputStream(() => (this.#input as ProcessInput).writable()) : this.#terminalInput()
    return this.#stdin
  }

  #readable(name: OutputName): Readable {
    if (this.#log) return this.#log.readable(name)
    if (this.#options.tty && name === 'stdout' && this.#terminal) return this.#terminal
    return this.#outputs.get(name)?.readable() ?? new OutputLogOfNothing().readable(name)
  }

  async *#merge(): AsyncGenerator<OutputChunk, void> {
    const queue = new AsyncQueue<OutputChunk>({ capacity: 8 })
    const pump = async (stream: OutputName) => {
      for await (const chunk of this.#readable(stream)) if (!(await queue.push({ stream, chunk }))) return
    }
    Promise.all(names.map(pump)).then(
      () => queue.close(),
      (error) => queue.fail(error),
    )
    yield* queue
  }

  #terminalInput(): WritableStream<string | Uint8Array> {
    const terminal = () =>
      new Promise<Writable>((resolve, reject) => {
        const ready = () => (this.#terminal ? resolve(this.#terminal) : reject(this.#failure?.error))
        if (this.#terminal || this.#failure) ready()
        else this.#terminalReady.push(ready)
      })
    const write = async (chunk: string | Uint8Array) => void (await terminal()).write(chunk)
    return new WritableStream({ write })
  }

  #sink(name: OutputName) {
    const log = this.#log as OutputLog
    return {
      data: (chunk: Uint8Array) => {
        log.add(name, chunk)
        this.#onBytes(log.bytes)
      },
      end: () =>
        this.#whenStarted(() => {
          log.end(name)
          this.#open--
          this.#settle()
        }),
      error: (error: unknown) => log.fail(error),
    }
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

  #settle(): void {
    if (this.#log && this.#open > 0 && !(this.#options.tty && !this.#terminal)) return
    const onEnded = this.#onEnded
    this.#onEnded = undefined
    onEnded?.()
  }

  #target(name: OutputName): OutputTarget {
    return this.#options[name] ?? 'pipe'
  }

  #descriptor(name: OutputName): number | undefined {
    const target = this.#target(name)
    if (target === 'pipe') return this.#outputs.get(name)?.writeEnd.fd
    if (target === 'ignore') return undefined
    if (target === 'inherit') return ownDescriptor[name]
    return typeof target === 'number' ? target : target.fd
  }
}

class OutputLogOfNothing extends OutputLog {
  constructor() {
    super()
    for (const name of names) this.end(name)
  }
}

// A terminal has no end of file of its own: the character that stands for it, Ctrl-D, at the beginning of a line.
function feedTerminal(source: Exclude<ExecOptions['stdin'], undefined>, terminal: ReadStream): void {
  if (typeof source === 'string' || source instanceof Uint8Array) terminal.write(source)
  else feed(source, terminal)
}
