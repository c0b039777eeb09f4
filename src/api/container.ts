// SPDX-License-Identifier: Apache-2.0
import type { CallOptions, RemoveOptions, StatsOptions, StopOptions, WaitOptions } from '../container/call-options.js'
import { callShape, removeShape, statsShape, stopShape, waitShape } from '../container/call-options.js'
import { type CommitOptions, commitContainer } from '../container/commit-container.js'
import type { ContainerState } from '../container/container-state.js'
import type { Stats } from '../container/container-stats.js'
import { createContainer } from '../container/create-container.js'
import { type ContainerChange, diffContainer } from '../container/diff-container.js'
import { execWhenFound } from '../container/exec-in-container.js'
import { exportContainer } from '../container/export-container.js'
import { type ContainerFilter, findContainer, listContainers } from '../container/find-container.js'
import { type ContainerImage, type ContainerInspection, imageOf, inspectContainer } from '../container/inspection.js'
import * as lifecycle from '../container/lifecycle.js'
import { containerProcesses, containerStats } from '../container/observe.js'
import type { Subject } from '../container/operate.js'
import { type PruneOptions, pruneContainers } from '../container/prune-containers.js'
import { startUntilReady } from '../container/ready/start-until-ready.js'
import { renameContainer } from '../container/rename-container.js'
import { runOnce } from '../container/run-once.js'
import type { TrackedContainer } from '../container/tracked-container.js'
import { type UpdateOptions, updateContainer } from '../container/update-container.js'
import type { ExitStatus } from '../errors/exit-status.js'
import type { Signal } from '../errors/signal-name.js'
import type { ProcessInfo } from '../native/messages.js'
import type { ContainerOptions } from '../runtime/container-options.js'
import type { ExecOptions } from '../runtime/exec-options.js'
import type { Execution } from '../runtime/execution.js'
import { checkOptions } from '../util/validate.js'
import { ContainerEvents } from './container-events.js'
import { ContainerFileSystem } from './container-file-system.js'
import { containerImages } from './container-images.js'
import type { Engine } from './engine.js'
import { Image } from './image.js'
import type { ImageChoice } from './image-choice.js'
import { prepareOptions, type RunOnceOptions, splitRunOnce } from './prepare-options.js'
import { splitEngine, type WithEngine } from './with-engine.js'

/** A container. Its properties are what is known at the moment; they change before the event that tells of it. */
export class Container extends ContainerEvents {
  readonly #subject: Subject
  readonly #owned: boolean
  readonly #engine: Engine
  /** Its files, whether it runs or not. */
  readonly fs: ContainerFileSystem

  /** @internal */
  constructor(engine: Engine, container: TrackedContainer, { owned }: { readonly owned: boolean }) {
    const subject = { context: engine.core, container }
    super(subject)
    this.#subject = subject
    this.#owned = owned
    this.#engine = engine
    this.fs = new ContainerFileSystem(this.#subject)
  }

  /** Makes one that is ready to start. What is wrong with options, image, command, user or limits is said here: nothing is left of it. */
  static async create(image: ImageChoice, options: WithEngine<ContainerOptions> = {}): Promise<Container> {
    const { engine, rest } = splitEngine(options)
    const prepared = prepareOptions(engine.defaults, rest)
    const chosen = await containerImages(engine, image, prepared)
    const container = await createContainer(engine.core, { ...chosen, options: prepared })
    return new Container(engine, container, { owned: true })
  }

  /** Makes a container, starts it and waits until it is `ready`; one that cannot start or does not become ready is removed again. */
  static async run(image: ImageChoice, options: WithEngine<ContainerOptions> = {}): Promise<Container> {
    const container = await Container.create(image, options)
    try {
      await container.start({ signal: options.signal })
      return container
    } catch (error) {
      await container.remove({ force: true, volumes: true }).catch(() => {})
      throw error
    }
  }

  /**
   * Runs one command in a container of its own, which is removed afterwards. Its process is not the container's first one. Takes the
   * options of containers and those of commands; `env`, `user` and `workdir` are the container's.
   */
  static runOnce(
    image: ImageChoice,
    argv: readonly string[],
    options: WithEngine<RunOnceOptions> & { readonly encoding: 'bytes' },
  ): Execution<Uint8Array>
  static runOnce(image: ImageChoice, argv: readonly string[], options?: WithEngine<RunOnceOptions>): Execution
  static runOnce(
    image: ImageChoice,
    argv: readonly string[],
    options: WithEngine<RunOnceOptions> = {},
  ): Execution | Execution<Uint8Array> {
    const { engine, rest } = splitEngine(options)
    const { execOptions, containerOptions } = splitRunOnce(rest)
    const prepared = prepareOptions(engine.defaults, containerOptions)
    const prepare = async () => ({ context: engine.core, image: await containerImages(engine, image, prepared) })
    return runOnce<string>({ argv, options: prepared, execOptions, prepare })
  }

  /** The container of that name, id or unique beginning of an id, also of another process. ERR_CONTAINER_NOT_FOUND, ERR_AMBIGUOUS_ID. */
  static async get(idOrName: string, options: WithEngine<CallOptions> = {}): Promise<Container> {
    const { engine, rest } = splitEngine(options)
    checkOptions<CallOptions>(rest, callShape)
    const container = await findContainer(engine.core, idOrName, rest.signal)
    return new Container(engine, container, { owned: false })
  }

  /** Those that are running or paused, or all; oldest first. */
  static async list(filter: WithEngine<ContainerFilter> = {}): Promise<readonly Container[]> {
    const { engine, rest } = splitEngine(filter)
    const found = await listContainers(engine.core, rest)
    return found.map((container) => new Container(engine, container, { owned: false }))
  }

  /** Removes containers that have ended; returns their ids. */
  static async prune(options: WithEngine<PruneOptions> = {}): Promise<readonly string[]> {
    const { engine, rest } = splitEngine(options)
    return await pruneContainers(engine.core, rest)
  }

  /** @internal Runs a command in a container that is still to be found. */
  static execWhenFound(
    find: () => Promise<Container>,
    argv: readonly string[],
    options?: ExecOptions,
  ): Execution & Execution<Uint8Array> {
    return execWhenFound<never>(async () => (await find()).#subject, argv, options)
  }

  /** 64 hex digits. */
  get id(): string {
    return this.#container.id
  }

  /** Unique in its engine. */
  get name(): string {
    return this.#container.name
  }

  /** Changes before the event that tells of it. */
  get state(): ContainerState {
    return this.#container.state
  }

  /** What it was made of. */
  get image(): ContainerImage {
    return imageOf(this.#container)
  }

  /** The host's number of its first process; null while there is none. */
  get pid(): number | null {
    return this.#container.pid
  }

  /** How it ended; null before. */
  get exit(): ExitStatus | null {
    return this.#container.exit
  }

  /** What its health checks say, current before the event `health`; null: it has none, or never ran. One that does not run is unhealthy. */
  get health(): 'starting' | 'healthy' | 'unhealthy' | null {
    return this.#container.health
  }

  /** When its record was written. */
  get createdAt(): Date {
    return this.#container.createdAt
  }

  /** The image's labels with its own over them. */
  get labels(): Readonly<Record<string, string>> {
    return this.#container.record?.labels ?? {}
  }

  /** Runs its command, again where it has ended, and waits until it is `ready`. ERR_START_FAILED with errno, ERR_READY_TIMEOUT. */
  async start(options: CallOptions = {}): Promise<void> {
    checkOptions<CallOptions>(options, callShape)
    await startUntilReady(this.#subject, options)
  }

  /** Asks it to end, and kills everything in it when that takes too long. How it ended. */
  async stop(options: StopOptions = {}): Promise<ExitStatus> {
    checkOptions<StopOptions>(options, stopShape)
    return await lifecycle.stopContainer(this.#subject, options)
  }

  /** Sends its command a signal; SIGKILL, the default, takes everything in it. */
  async kill(signal?: Signal, options: CallOptions = {}): Promise<void> {
    checkOptions<CallOptions>(options, callShape)
    await lifecycle.killContainer(this.#subject, signal, options)
  }

  /** Freezes everything in it. */
  async pause(options: CallOptions = {}): Promise<void> {
    checkOptions<CallOptions>(options, callShape)
    await lifecycle.pauseContainer(this.#subject, options)
  }

  /** Lets everything in it go on. ERR_CONTAINER_STATE unless it is paused. */
  async resume(options: CallOptions = {}): Promise<void> {
    checkOptions<CallOptions>(options, callShape)
    await lifecycle.resumeContainer(this.#subject, options)
  }

  /** Stops it if it runs, and starts it as {@link Container.start} does. */
  async restart(options: StopOptions = {}): Promise<void> {
    checkOptions<StopOptions>(options, stopShape)
    await lifecycle.restartContainer(this.#subject, options, startUntilReady)
  }

  /** Removes it with everything it wrote, but its volumes, unless `volumes` says so. ERR_CONTAINER_STATE while it runs, unless by force. */
  async remove(options: RemoveOptions = {}): Promise<void> {
    checkOptions<RemoveOptions>(options, removeShape)
    await lifecycle.removeContainer(this.#subject, options)
  }

  /** Resolves when it does not run any more, and no policy is about to start it again, with how it ended. */
  async wait(options: WaitOptions = {}): Promise<ExitStatus> {
    checkOptions<WaitOptions>(options, waitShape)
    return await lifecycle.waitForContainer(this.#subject, options)
  }

  /** What it uses: at once, and then each interval until it ends. */
  stats(options: StatsOptions = {}): AsyncIterable<Stats> {
    checkOptions<StatsOptions>(options, statsShape)
    return containerStats(this.#subject, options)
  }

  /** Its processes, as the kernel lists them now. */
  async processes(options: CallOptions = {}): Promise<readonly ProcessInfo[]> {
    checkOptions<CallOptions>(options, callShape)
    return await containerProcesses(this.#subject, options)
  }

  /** Changes its limits, also for restarts, and its restart policy. ERR_INVALID_ARGUMENT where it uses more memory already. */
  async update(resources: UpdateOptions): Promise<void> {
    await updateContainer(this.#subject, resources)
  }

  /** Another name, in any state. Others on its networks find it by that, its host name stays. ERR_NAME_IN_USE. Tells `renamed`. */
  async rename(name: string, options: CallOptions = {}): Promise<void> {
    await renameContainer(this.#subject, name, options)
  }

  /** Everything in its root as a tar, mounts apart; running or not. A tar that is cut off by a failure is the stream's error. */
  export(options: CallOptions = {}): ReadableStream<Uint8Array> {
    return exportContainer(this.#subject, options)
  }

  /** What it changed in its image, sorted by path. */
  async diff(options: CallOptions = {}): Promise<readonly ContainerChange[]> {
    return await diffContainer(this.#subject, options)
  }

  /** Makes an image of its image and what it changed in it. ERR_UNSUPPORTED for the image of the host. */
  async commit(options: CommitOptions = {}): Promise<Image> {
    const record = await commitContainer(this.#subject, options)
    this.#engine.core.bus.publish({ type: 'image', action: 'commit', object: record.id })
    return new Image(this.#engine, record)
  }

  /** Everything that is known of it, asked for now. */
  async inspect(options: CallOptions = {}): Promise<ContainerInspection> {
    checkOptions<CallOptions>(options, callShape)
    return await inspectContainer(this.#subject, options.signal)
  }

  /** Brings the properties up to date, for containers whose events this process does not hear. */
  async refresh(options: CallOptions = {}): Promise<void> {
    await this.inspect(options)
  }

  /** Removes it with the volumes that were made for it, if this handle is the one that made it; else lets go. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#owned) await this.remove({ force: true, volumes: true })
  }

  get #container(): TrackedContainer {
    return this.#subject.container
  }
}
