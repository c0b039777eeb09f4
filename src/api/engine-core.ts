// SPDX-License-Identifier: Apache-2.0
import type { ContainerContext, Supervising } from '../container/container-context.js'
import { type ContainerRecord, readRecord } from '../container/container-record.js'
import { ContainerTracker } from '../container/container-tracker.js'
import { keepAlive } from '../container/keep-alive.js'
import { removeContainer } from '../container/lifecycle.js'
import type { LogDrivers } from '../container/log-driver.js'
import { SeccompKeys } from '../container/seccomp-keys.js'
import type { TrackedContainer } from '../container/tracked-container.js'
import { EngineError } from '../errors/engine-error.js'
import { EventBus } from '../events/event-bus.js'
import type { ImageUse } from '../image/image-context.js'
import type { TransferContext } from '../image/pull-context.js'
import { reclaimImages } from '../image/reclaim-images.js'
import type { Connection } from '../native/connection.js'
import { FileLocker } from '../native/file-lock.js'
import type { HelloResult } from '../native/messages.js'
import { Monitors } from '../native/monitors.js'
import { SharedLock } from '../native/shared-lock.js'
import { type Greeted, openSupervisor } from '../native/supervisor.js'
import { LoopbackFallback } from '../network/loopback-fallback.js'
import type { NetworkContext, NetworkMember } from '../network/network-context.js'
import type { Digest } from '../oci/digest.js'
import type { RegistryClient } from '../registry/registry-client.js'
import { machineFacts } from '../runtime/host-facts.js'
import { type HeldLock, withLock } from '../store/file-locker.js'
import { Store } from '../store/store.js'
import type { VolumeContext, VolumeUser } from '../volume/volume-context.js'
import type { EngineDirectories, EngineOptions } from './engine-options.js'
import { hostUnsupported, probeHost, refuseElsewhere } from './host-report.js'

// A supervisor that was the last one's takes its bridges and its way out with it in a moment; large trees that were removed are freed without us.
const leavePatienceMs = 5000

/** What is behind an engine: store, supervisor and events, each opened when it is first needed. */
export class EngineCore implements ContainerContext {
  readonly directories: EngineDirectories
  readonly bus: EventBus
  readonly tracker: ContainerTracker
  readonly seccomp = new SeccompKeys()
  readonly runRoot: string
  readonly volumes: VolumeContext
  readonly networks: NetworkContext
  readonly logDrivers: LogDrivers
  readonly #locker = new FileLocker()
  readonly #monitors = new Monitors((event) => this.tracker.receive(event))
  #greeted: Promise<Greeted> | undefined
  #supervising: Promise<Supervising> | undefined
  #images: Promise<TransferContext> | undefined
  #leases: SharedLock | undefined
  #registries: Promise<RegistryClient> | undefined
  readonly #options: Pick<EngineOptions, 'registries' | 'signatures' | 'plugins'>
  #closed = false

  constructor(
    directories: EngineDirectories,
    options: Pick<EngineOptions, 'registries' | 'signatures' | 'plugins'> = {},
  ) {
    this.directories = directories
    this.runRoot = directories.runRoot
    this.#options = options
    let release = () => {}
    this.bus = new EventBus({
      onWaiting: (waiting) => {
        release()
        release = waiting ? keepAlive() : () => {}
      },
    })
    this.tracker = new ContainerTracker(this.bus)
    this.volumes = {
      paths: async () => (await this.images()).store.paths,
      connection: async () => (await this.#greet()).connection,
      host: () => this.hello(),
      users: () => this.#volumeUsers(),
      drivers: new Map(Object.entries(options.plugins?.volumes ?? {})),
      locker: this.#locker,
      publish: (event) => void this.bus.publish(event),
    }
    this.logDrivers = {
      byName: new Map(Object.entries(options.plugins?.logs ?? {})),
      failed: (container, driver, error) => this.#warnOfLog(container.name, driver, error),
    }
    this.networks = {
      paths: this.volumes.paths,
      connection: this.volumes.connection,
      members: () => this.#networkMembers(),
      exclusively: async (work, signal) => {
        const path = (await this.volumes.paths()).lock('networks')
        return await withLock(this.#locker, { path, mode: 'exclusive', signal }, work)
      },
      publish: this.volumes.publish,
      fallback: new LoopbackFallback(this.volumes.publish),
    }
  }

  supervisor(): Promise<Supervising> {
    this.#supervising ??= this.#supervise()
    return this.#supervising
  }

  images(): Promise<TransferContext> {
    this.#images ??= this.#openImages()
    this.#images.catch(() => {
      this.#images = undefined
    })
    return this.#images
  }

  // `Store.lease` does the same for those who keep it for long.
  async lease(signal?: AbortSignal): Promise<HeldLock> {
    this.#requireUsable()
    const { store } = await this.images()
    this.#leases ??= new SharedLock(store.paths.lock('garbage'))
    return await this.#leases.hold(signal)
  }

  /** The registries as this engine's options have them. */
  registries(): Promise<RegistryClient> {
    this.#requireUsable()
    this.#registries ??= this.#openRegistries()
    this.#registries.catch(() => {
      this.#registries = undefined
    })
    return this.#registries
  }

  async monitor(socket: string): Promise<Connection> {
    this.#requireUsable()
    return await this.#monitors.connect(socket)
  }

  /** What the supervisor said of itself and the host. */
  async hello(): Promise<HelloResult> {
    return (await this.#greet()).hello
  }

  /** Ends the connections: what belongs to this process ends with them. */
  async close(): Promise<void> {
    // Plugins are told when a container is gone, not when it is about to go.
    const holding = this.tracker.all().filter(({ holds, owned }) => holds && owned)
    const remove = (container: TrackedContainer) =>
      removeContainer({ context: this, container }, { force: true, volumes: true }).catch(() => {})
    await Promise.all(holding.map(remove))
    this.#closed = true
    const greeted = await this.#greeted?.catch(() => undefined)
    const left = greeted?.connection.leave(leavePatienceMs)
    this.#monitors.close()
    this.tracker.close(closedError())
    this.bus.close()
    await left
    await this.#leases?.close()
    await (await this.#registries)?.close()
  }

  #greet(): Promise<Greeted> {
    this.#requireUsable()
    this.#greeted ??= this.#open()
    this.#greeted.catch(() => {
      this.#greeted = undefined
    })
    return this.#greeted
  }

  // On a machine that cannot run containers the report says more than the step that failed.
  async #open(): Promise<Greeted> {
    try {
      return await openSupervisor({
        ...this.directories,
        events: {},
        onEvent: (event) => this.tracker.receive(event),
        onLost: (error) => this.#lost(error),
      })
    } catch (error) {
      const report = await probeHost(this.directories.root)
      throw report.usable ? error : hostUnsupported(report, error)
    }
  }

  async #supervise(): Promise<Supervising> {
    try {
      const [{ connection, hello }, machine] = await Promise.all([this.#greet(), machineFacts()])
      if (hello.snapshotter === 'copy') this.#warnOfCopies()
      const { userns, usernsReason, rootless, diskQuotas, cgroup } = hello
      const { controllers, reasons } = cgroup
      return { connection, facts: { ...machine, userns, usernsReason, rootless, diskQuotas, controllers, reasons } }
    } catch (error) {
      this.#supervising = undefined
      throw error
    }
  }

  #warnOfLog(container: string, driver: string, error: unknown): void {
    this.bus.publish({
      type: 'warning',
      code: 'ERR_LOG_DRIVER',
      message: `lines of '${container}' are lost, since the log driver '${driver}' fails: ${error instanceof Error ? error.message : String(error)}`,
      hint: 'have the driver keep what it cannot deliver, and throw nothing',
    })
  }

  #warnOfCopies(): void {
    this.bus.publish({
      type: 'warning',
      code: 'ERR_UNSUPPORTED',
      message: `layers are copied for each container, since overlayfs cannot be mounted on ${this.directories.root}`,
      hint: 'put the root on ext4, xfs or btrfs: TSCONTAINER_ROOT, or the option root',
    })
  }

  // Its containers have ended with it. The next one starts when it is needed.
  #lost(error: EngineError): void {
    this.#greeted = undefined
    this.#supervising = undefined
    this.tracker.lose(error)
  }

  async #openImages(): Promise<TransferContext> {
    this.#requireUsable()
    const store = await Store.open({ root: this.directories.root, locker: this.#locker })
    const images: TransferContext = {
      store,
      locker: this.#locker,
      connection: async () => (await this.#greet()).connection,
      host: async () => (await this.#greet()).hello,
      uses: () => this.#uses(),
      registries: () => this.registries(),
      signatures: this.#options.signatures,
    }
    await reclaimImages(images)
    return images
  }

  // Loaded when it is asked for: most programs start containers more often than they pull.
  async #openRegistries(): Promise<RegistryClient> {
    const { RegistryClient: Client } = await import('../registry/registry-client.js')
    return new Client({ hosts: this.#options.registries, credentials: this.#options.plugins?.credentials })
  }

  async #uses(): Promise<readonly ImageUse[]> {
    return (await this.#records()).flatMap(({ container, record }) =>
      [record.image, ...(record.mountedImages ?? [])].map(({ digest, diffIds }) => ({
        container,
        image: digest as Digest,
        layers: diffIds as readonly Digest[],
      })),
    )
  }

  async #volumeUsers(): Promise<readonly VolumeUser[]> {
    return (await this.#records()).flatMap(({ container, record }) =>
      (record.mounts ?? []).flatMap(({ type, source }) =>
        type === 'volume' && source !== null ? [{ container, volume: source }] : [],
      ),
    )
  }

  async #networkMembers(): Promise<readonly NetworkMember[]> {
    const { connection } = await this.#greet()
    const { result } = await connection.request('list', {})
    return result.containers.flatMap(({ name, networks = [] }) =>
      networks.map(({ network }) => ({ container: name, network })),
    )
  }

  async #records(): Promise<readonly { readonly container: string; readonly record: ContainerRecord }[]> {
    const { connection } = await this.#greet()
    const { result } = await connection.request('list', {})
    return result.containers.flatMap(({ name, record }) => {
      const own = readRecord(record)
      return own ? [{ container: name, record: own }] : []
    })
  }

  #requireUsable(): void {
    refuseElsewhere()
    if (this.#closed) throw closedError()
  }
}

function closedError(): EngineError {
  return new EngineError({ code: 'ERR_ENGINE_CLOSED', message: 'the engine was closed' })
}
