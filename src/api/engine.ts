// SPDX-License-Identifier: Apache-2.0
import type { Agent, AgentOptions } from 'node:http'
import { join } from 'node:path'
import { someStartAfterBoot } from '../container/after-boot.js'
import { containerUsage } from '../container/container-usage.js'
import { dialerByName } from '../container/dial-by-name.js'
import {
  type DispatcherOptions,
  dialDispatcher,
  dispatcherShape,
  type FetchDispatcher,
} from '../container/dial-dispatcher.js'
import { DialHttpAgent } from '../container/dial-http-agent.js'
import { listContainers } from '../container/find-container.js'
import type { PruneOptions } from '../container/prune-containers.js'
import type { HostReport } from '../errors/host-report.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import type { EngineEvent, EventMap, EventType } from '../events/engine-event.js'
import type { EventOptions } from '../events/event-bus.js'
import { type BuildCache, listBuildCaches } from '../image/build-caches.js'
import { imageUsage } from '../image/image-usage.js'
import type { HelloResult } from '../native/messages.js'
import { checkOptions } from '../util/validate.js'
import { volumeUsage } from '../volume/inspect-volume.js'
import { EngineCore } from './engine-core.js'
import { checkEngineOptions, type EngineDefaults, type EngineOptions, engineDirectories } from './engine-options.js'
import { probeHost, refuseElsewhere } from './host-report.js'
import { pruneEngine } from './prune-engine.js'

/** What an engine is, and what it works with. */
export interface EngineInfo {
  /** Where images and containers are; absolute. */
  readonly root: string
  /** Where sockets and locks are; absolute. */
  readonly runRoot: string
  /** The process number of its supervisor. */
  readonly supervisorPid: number
  /** Whether it works without root. */
  readonly rootless: boolean
  /** Where the ids of containers come from: all ids, /etc/subuid, or the one of the caller. */
  readonly idMap: 'root' | 'subids' | 'single'
  /** How many ids a container can have. */
  readonly mappedIds: number
  /** Whether containers get a user namespace of their own. */
  readonly userns: boolean
  /** The control groups that it found; without controllers there are no limits. */
  readonly cgroup: {
    /** How they are mounted. */
    readonly version: 'none' | 'v1' | 'hybrid' | 'v2'
    /** What can be limited or done: `memory`, `pids`, `freeze`, `kill` … */
    readonly controllers: readonly string[]
  }
  /** Whether layers are laid over each other or copied. */
  readonly snapshotter: 'overlay' | 'copy'
  /** How many containers it has. */
  readonly containers: {
    /** In all states. */
    readonly total: number
    /** Paused ones included. */
    readonly running: number
  }
}

/** What things of one kind take on the disk. */
export interface DiskUse {
  /** How many there are. */
  readonly count: number
  /** Their size together. */
  readonly bytes: number
}

/** The same, and how much of it could go. */
export interface ReclaimableUse extends DiskUse {
  /** Bytes that {@link Engine.prune} could free: of images and volumes that no container uses, of containers that have ended. */
  readonly reclaimableBytes: number
}

/** What an engine's things take on the disk. */
export interface DiskUsage {
  /** Compressed layers, manifests and configs. */
  readonly blobs: DiskUse
  /** Unpacked layers, each once. */
  readonly layers: DiskUse
  /** How many images there are; blobs and layers together. */
  readonly images: ReclaimableUse
  /** What containers wrote. */
  readonly containers: ReclaimableUse
  /** What is in volumes; reclaimable is what no container uses. */
  readonly volumes: ReclaimableUse
  /** What commands of builds find again; all of it is reclaimable. */
  readonly buildCaches: ReclaimableUse
}

/** What to remove. */
export interface EnginePruneOptions extends Omit<PruneOptions, 'volumes'> {
  /** Containers that have ended; true by default. */
  readonly containers?: boolean | undefined
  /** `'dangling'`, the default: those without name; `'all'`: all that no container uses; `'none'`. */
  readonly images?: 'none' | 'dangling' | 'all' | undefined
  /** `'none'`, the default; `'anonymous'`: those that nobody gave a name; `'all'`: all that no container uses. */
  readonly volumes?: 'none' | 'anonymous' | 'all' | undefined
  /** What builds have kept for the next ones, as Docker does, caches of their commands too; true by default. */
  readonly builds?: boolean | undefined
}

/** What was removed. */
export interface Pruned {
  /** Ids. */
  readonly containers: readonly string[]
  /** Ids. */
  readonly images: readonly string[]
  /** Names. */
  readonly volumes: readonly string[]
  /** Digests of content and layers that nothing needed. */
  readonly content: readonly string[]
  /** On the disk. */
  readonly freedBytes: number
}

/** Names of drivers. */
export interface EngineDrivers {
  /** Of logs: the option `logs.driver` of containers. */
  readonly logs: readonly string[]
  /** Of volumes: the option `driver` of `Volume.create`. */
  readonly volumes: readonly string[]
}

let defaultEngine: Engine | undefined
let defaultOptions: EngineOptions = {}

/**
 * Everything that belongs together: images, containers and their events, in one directory. Opening one starts nothing; the supervisor
 * is started by the first operation that needs it, and leaves when nobody does any more.
 */
export class Engine {
  /** Options that all its containers start from. */
  readonly defaults: EngineDefaults
  /** @internal */
  readonly core: EngineCore

  private constructor(options: EngineOptions) {
    const uid = process.geteuid?.() ?? 0
    this.core = new EngineCore(engineDirectories(options, { env: process.env, uid }), options)
    this.defaults = options.defaults ?? {}
  }

  /**
   * Opens an engine. After a boot this starts the detached containers whose restart policy says so (else the first operation does).
   * ERR_HOST_UNSUPPORTED where there is no Linux.
   */
  static async open(options: EngineOptions = {}): Promise<Engine> {
    checkEngineOptions(options)
    refuseElsewhere()
    const engine = new Engine(options)
    if (await someStartAfterBoot(join(engine.root, 'containers'))) await engine.core.supervisor()
    return engine
  }

  /** The engine of those who name none; made when it is first asked for. */
  static get default(): Engine {
    defaultEngine ??= new Engine(defaultOptions)
    return defaultEngine
  }

  /** Sets the options of the default engine. ERR_INVALID_ARGUMENT once that is in use. */
  static configure(options: EngineOptions): void {
    checkEngineOptions(options)
    if (defaultEngine)
      throw invalidArgument('options', 'the default engine is in use already', 'configure it first of all')
    defaultOptions = options
  }

  /** Tries what this machine can do, and sets nothing up. */
  static async probe(): Promise<HostReport> {
    const uid = process.geteuid?.() ?? 0
    return await probeHost(engineDirectories(defaultOptions, { env: process.env, uid }).root)
  }

  /** See {@link Engine.probe}. */
  async probe(): Promise<HostReport> {
    return await probeHost(this.root)
  }

  /** Absolute. */
  get root(): string {
    return this.core.directories.root
  }

  /** What `logs.driver` of containers and `driver` of volumes can be: the engine's own, and its plugins. */
  get drivers(): EngineDrivers {
    return {
      logs: ['file', 'none', 'callback', ...this.core.logDrivers.byName.keys()],
      volumes: ['local', ...this.core.volumes.drivers.keys()],
    }
  }

  /** Calls the listener for each event of that type, of containers of other processes too. */
  on<K extends EventType>(type: K, listener: (event: EventMap[K]) => void): this {
    this.core.bus.on(type, listener)
    this.#listen()
    return this
  }

  /** As {@link Engine.on}, for one event. */
  once<K extends EventType>(type: K, listener: (event: EventMap[K]) => void): this {
    this.core.bus.once(type, listener)
    this.#listen()
    return this
  }

  /** Takes back a listener that was given to {@link Engine.on}. */
  off<K extends EventType>(type: K, listener: (event: EventMap[K]) => void): this {
    this.core.bus.off(type, listener)
    return this
  }

  /** The events as a loop, from now on or from after `since`; waiting in it keeps the process alive. */
  events(options: EventOptions = {}): AsyncIterableIterator<EngineEvent> {
    const events = this.core.bus.events(options)
    this.#listen()
    return events
  }

  /**
   * A dispatcher for `fetch` and undici that leads to this engine's containers, nothing published: `http://db:8080/` is port 8080 of the
   * container `db`. Names in URLs are in lower case.
   */
  async dispatcher(options: DispatcherOptions = {}): Promise<FetchDispatcher> {
    checkOptions<DispatcherOptions>(options, dispatcherShape)
    return await dialDispatcher(dialerByName(this.core), options)
  }

  /** An agent for requests of `node:http` that does the same. */
  httpAgent(options: AgentOptions = {}): Agent {
    return new DialHttpAgent(dialerByName(this.core), options)
  }

  /** What this engine is and works with. ERR_HOST_UNSUPPORTED where the machine cannot run containers. */
  async info(): Promise<EngineInfo> {
    const hello: HelloResult = await this.core.hello()
    const containers = await listContainers(this.core, { all: true })
    const { rootless, idMap, mappedIds, userns, snapshotter } = hello
    const { version, controllers } = hello.cgroup
    return {
      ...this.core.directories,
      supervisorPid: hello.pid,
      rootless,
      idMap,
      mappedIds,
      userns,
      cgroup: { version, controllers },
      snapshotter,
      containers: {
        total: containers.length,
        running: containers.filter(({ state }) => state === 'running' || state === 'paused').length,
      },
    }
  }

  /** What its images and containers take on the disk, in bytes, counted now. */
  async diskUsage(): Promise<DiskUsage> {
    const caches = await this.buildCaches()
    const bytes = caches.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    return {
      buildCaches: { count: caches.length, bytes, reclaimableBytes: bytes },
      ...(await imageUsage(await this.core.images())),
      containers: await containerUsage(this.core),
      volumes: await volumeUsage(this.core.volumes),
    }
  }

  /** The directories that commands of builds find again, the one used last first; {@link Engine.prune} removes them. */
  async buildCaches(): Promise<readonly BuildCache[]> {
    return await listBuildCaches(await this.core.images())
  }

  /** Removes containers that have ended, images that none uses, and content that nothing needs any more, whatever its age. */
  async prune(options: EnginePruneOptions = {}): Promise<Pruned> {
    return await pruneEngine(this.core, options)
  }

  /** Ends it: containers of this process are killed and removed, loops over events end, whatever is pending rejects. */
  async close(): Promise<void> {
    await this.core.close()
    if (defaultEngine === this) defaultEngine = undefined
  }

  /** See {@link Engine.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  // What others do is heard only over a connection. Where there is none to be had, the first operation says so.
  #listen(): void {
    this.core.supervisor().catch(() => {})
  }
}
