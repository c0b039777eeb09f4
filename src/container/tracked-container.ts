// SPDX-License-Identifier: Apache-2.0
import type { ExitStatus } from '../errors/exit-status.js'
import type { EventDraft, EventMap } from '../events/engine-event.js'
import { SafeEmitter } from '../events/safe-emitter.js'
import type { Connection } from '../native/connection.js'
import type { HealthStatus } from '../native/create-message.js'
import type { ContainerInfo } from '../native/messages.js'
import type { Ready } from '../runtime/ready.js'
import type { ContainerRecord } from './container-record.js'
import { readRecord } from './container-record.js'
import type { ContainerState } from './container-state.js'
import { type PublishedPort, publishedPorts } from './published-ports.js'
import { exitStatus } from './wire.js'

/** What this process knows of one container, whoever holds handles of it; kept current by its events. */
export class TrackedContainer {
  readonly id: string
  name: string
  readonly detached: boolean
  readonly emitter = new SafeEmitter<EventMap>()
  record: ContainerRecord | undefined
  state: ContainerState = 'created'
  pid: number | null = null
  exit: ExitStatus | null = null
  /** The limit of its life that it was stopped at. */
  stopReason: 'idle' | 'lifetime' | null = null
  /** It has ended, and will be started again by itself. */
  restartPending = false
  health: HealthStatus | null = null
  /** Of the host, that lead to its own. */
  ports: readonly PublishedPort[] = []
  createdAt = new Date()
  /** Who has it: the supervisor or its monitor. Undefined while nobody asked, and when that one is gone. */
  connection: Connection | undefined
  /** When it counts as started, if whoever made it said so. */
  ready: Ready | undefined
  /** Whether this engine made it. */
  owned = false
  /** Whether nobody is to be told of it. */
  hidden = false
  /** Whether this program stopped, killed or removed it since it was last started. */
  endedByUs = false
  /** True while a restart of ours is under way, for the reason in its event. */
  restarting = false
  /** Called before its end is told. */
  beforeEnd: ((pipedLogBytes: number) => void) | undefined
  readonly #releases: (() => Promise<void>)[] = []
  #released: Promise<unknown> | undefined
  readonly #waiting = new Set<(error: unknown, gone: boolean) => void>()

  constructor(identity: { readonly id: string; readonly name: string; readonly detached: boolean }) {
    this.id = identity.id
    this.name = identity.name
    this.detached = identity.detached
  }

  /** Takes over what the supervisor says. */
  update(info: ContainerInfo): void {
    this.name = info.name
    this.record = readRecord(info.record)
    this.state = info.state
    this.pid = info.pid
    this.exit = info.exit && exitStatus(info.exit)
    this.stopReason = info.exit?.reason ?? null
    this.restartPending = typeof info.nextRestartAt === 'number'
    this.health = info.health?.status ?? null
    this.ports = publishedPorts(info.ports ?? [])
    this.createdAt = new Date(info.createdAt)
  }

  /** Takes over what an event says. */
  apply(event: EventDraft): void {
    switch (event.type) {
      case 'created':
        this.state = 'created'
        this.createdAt = event.time ?? new Date()
        break
      case 'renamed':
        this.name = event.container.name
        break
      case 'running':
        this.state = 'running'
        this.pid = event.pid
        this.restartPending = false
        if (event.reason === 'resumed') break
        this.exit = null
        this.endedByUs = false
        break
      case 'paused':
        this.state = 'paused'
        break
      case 'stopped':
        this.state = 'stopped'
        this.pid = null
        this.exit = event.exit
        this.stopReason = event.reason ?? null
        this.restartPending = event.willRestart
        // As Docker has it: what does not run is not healthy.
        if (this.health) this.health = 'unhealthy'
        break
      case 'health':
        this.health = event.status
        break
      case 'removed':
        this.removed()
        break
    }
  }

  /** What waits for its events is told that none will come: it is gone, or lives on, but not for this engine. */
  abandon(error: unknown, { gone }: { readonly gone: boolean }): void {
    this.connection = undefined
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const reject of waiting) reject(error, gone)
  }

  /** Calls back when it is abandoned; the returned function stops that. */
  onAbandon(callback: (error: unknown, gone: boolean) => void): () => void {
    this.#waiting.add(callback)
    return () => this.#waiting.delete(callback)
  }

  /** Whether something outlives it until it was released. */
  get holds(): boolean {
    return this.#releases.length > 0
  }

  /** Resolves when what it held is released; undefined while it is not gone, or where it held nothing. */
  get released(): Promise<unknown> | undefined {
    return this.#released
  }

  /** Lets that go when it is gone. `release` does not reject. */
  onRemoved(release: () => Promise<void>): void {
    this.#releases.push(release)
    if (this.state === 'removed') this.#release()
  }

  /** It is gone. */
  removed(): void {
    this.state = 'removed'
    this.pid = null
    this.connection = undefined
    this.#release()
  }

  #release(): void {
    const releases = this.#releases.splice(0)
    if (releases.length > 0) this.#released = Promise.all(releases.map((release) => release()))
  }
}
