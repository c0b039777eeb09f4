// SPDX-License-Identifier: Apache-2.0
import {
  type BytesExecOptions,
  type ContainerHandle,
  type ContainerOptions,
  type ContainerState,
  EngineError,
  type EventMap,
  type EventOf,
  type ExecOptions,
  type Execution,
  type ExitStatus,
  type LifecycleEventType,
  type LogEntry,
  type LogsOptions,
  type RemoveOptions,
  type Signal,
  type WaitOptions,
} from 'tscontainer'
import { requireLegal } from '../container/container-state.js'
import { checkListener } from '../events/check-listener.js'
import { lifecycleEventTypes } from '../events/event-types.js'
import { SafeEmitter } from '../events/safe-emitter.js'
import { signalNumber } from '../runtime/signal-number.js'
import { abandonable } from '../util/abort.js'
import { randomId } from '../util/random-id.js'
import { fakeExecution } from './fake-execution.js'
import type { FakeImage } from './fake-image.js'
import { FakeLog } from './fake-log.js'
import type { FakePorts } from './listening-ports.js'

/** What a fake container is made of. */
export interface FakeContainerInput {
  readonly name: string
  readonly image: FakeImage
  readonly options: ContainerOptions
  /** Called when it is gone. */
  readonly forget: () => void
}

type Told<K extends LifecycleEventType> = Omit<EventOf<K>, 'type' | 'cursor' | 'time' | 'container'>

let lastPid = 1000
let lastCursor = 0

/** A container of a {@link FakeImage}: lifecycle, events and errors of a real one, and nothing that runs. */
export class FakeContainer implements ContainerHandle, FakePorts {
  readonly id = randomId()
  readonly createdAt = new Date()
  readonly name: string
  state: ContainerState = 'created'
  pid: number | null = null
  exit: ExitStatus | null = null
  readonly #input: FakeContainerInput
  readonly #emitter = new SafeEmitter<EventMap>()
  readonly #log = new FakeLog()
  #startedAt = this.createdAt
  #timer: NodeJS.Timeout | undefined
  #endLife = () => {}
  #ended: Promise<void> = Promise.resolve()

  constructor(input: FakeContainerInput) {
    this.#input = input
    this.name = input.name
    for (const type of Object.keys(input.options.on ?? {}) as LifecycleEventType[]) {
      const listener = input.options.on?.[type]
      if (listener) this.#emitter.on(type, listener as never)
    }
    this.#emit('created', {})
  }

  get labels(): Readonly<Record<string, string>> {
    return this.#input.options.labels ?? {}
  }

  get listeningPorts(): readonly number[] {
    return this.#input.image.ports ?? []
  }

  async start(): Promise<void> {
    requireLegal('start', this)
    this.#run('started')
  }

  async stop(): Promise<ExitStatus> {
    requireLegal('stop', this)
    if (this.state !== 'stopped') this.#finish(this.#input.image.stopCode ?? 0, null)
    return this.#exitOf()
  }

  async kill(signal: Signal = 'SIGKILL'): Promise<void> {
    const number = signalNumber(signal, 'signal')
    requireLegal('kill', this)
    this.#finish(128 + number, signal)
  }

  async pause(): Promise<void> {
    requireLegal('pause', this)
    this.state = 'paused'
    this.#emit('paused', {})
  }

  async resume(): Promise<void> {
    requireLegal('resume', this)
    this.state = 'running'
    this.#emit('running', { pid: this.pid ?? 0, reason: 'resumed' })
  }

  async restart(): Promise<void> {
    requireLegal('restart', this)
    if (this.state === 'running' || this.state === 'paused') await this.stop()
    this.#run('restarted')
  }

  async remove({ force = false }: RemoveOptions = {}): Promise<void> {
    if (this.state === 'removed') return
    if (!force) requireLegal('remove', this)
    if (this.state === 'running' || this.state === 'paused') this.#finish(137, 'SIGKILL')
    this.state = 'removed'
    this.#input.forget()
    this.#emit('removed', {})
  }

  async wait({ condition = 'stopped', signal }: WaitOptions = {}): Promise<ExitStatus> {
    const over = () => this.state === 'removed' || (condition === 'stopped' && this.state === 'stopped')
    while (!over()) {
      const next = new Promise<void>((resolve) => {
        this.#emitter.once('stopped', () => resolve())
        this.#emitter.once('removed', () => resolve())
      })
      await abandonable(next, signal)
    }
    return this.#exitOf()
  }

  exec(argv: readonly string[], options: BytesExecOptions): Execution<Uint8Array>
  exec(argv: readonly string[], options?: ExecOptions): Execution
  exec(argv: readonly string[], options: ExecOptions = {}): Execution | Execution<Uint8Array> {
    const all = { ...this.#input.options.execDefaults, ...options }
    const answer = () => {
      requireLegal('exec', this)
      return this.#input.image.exec?.(argv, all)
    }
    return fakeExecution({ argv, options: all, answer, ended: this.#ended }) as Execution
  }

  sh(script: string, options: BytesExecOptions): Execution<Uint8Array>
  sh(script: string, options?: ExecOptions): Execution
  sh(script: string, options: ExecOptions = {}): Execution | Execution<Uint8Array> {
    return this.exec(['/bin/sh', '-c', script], options)
  }

  logs(options: LogsOptions = {}): AsyncIterable<LogEntry> {
    return this.#log.read(options)
  }

  on<K extends LifecycleEventType>(type: K, listener: (event: EventMap[K]) => void): this {
    checkListener(lifecycleEventTypes, type, listener)
    this.#emitter.on(type, listener)
    return this
  }

  once<K extends LifecycleEventType>(type: K, listener: (event: EventMap[K]) => void): this {
    checkListener(lifecycleEventTypes, type, listener)
    this.#emitter.once(type, listener)
    return this
  }

  off<K extends LifecycleEventType>(type: K, listener: (event: EventMap[K]) => void): this {
    checkListener(lifecycleEventTypes, type, listener)
    this.#emitter.off(type, listener)
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.remove({ force: true })
  }

  #run(reason: 'started' | 'restarted'): void {
    const { image, options } = this.#input
    this.state = 'running'
    this.exit = null
    this.pid = ++lastPid
    this.#startedAt = new Date()
    this.#ended = new Promise((resolve) => {
      this.#endLife = resolve
    })
    this.#log.ended = false
    this.#emit('running', { pid: this.pid, reason })
    for (const line of typeof image.logs === 'function' ? image.logs(options) : (image.logs ?? []))
      this.#log.write(line)
    const exit = typeof image.exit === 'function' ? image.exit(options) : image.exit
    if (exit) this.#timer = setTimeout(() => this.#finish(exit.code, null), exit.afterMs ?? 0)
  }

  #finish(code: number, signal: Signal | null): void {
    clearTimeout(this.#timer)
    this.state = 'stopped'
    this.pid = null
    this.exit = { code, signal, oomKilled: false, startedAt: this.#startedAt, finishedAt: new Date() }
    this.#endLife()
    this.#log.ended = true
    this.#emit('stopped', { exit: this.exit, willRestart: false })
    if (this.#input.options.autoRemove) void this.remove()
  }

  #exitOf(): ExitStatus {
    if (this.exit) return this.exit
    throw new EngineError({
      code: 'ERR_CONTAINER_STATE',
      message: `container '${this.name}' was removed and never ran`,
    })
  }

  #emit<K extends LifecycleEventType>(type: K, told: Told<K>): void {
    const { id, name, labels } = this
    const event = { type, cursor: String(++lastCursor), time: new Date(), container: { id, name, labels }, ...told }
    this.#emitter.emit(type, event as unknown as EventMap[K])
  }
}
