// SPDX-License-Identifier: Apache-2.0
import type { ErrorCode } from '../errors/error-code.js'
import type { ExitStatus } from '../errors/exit-status.js'

/** What every event has. */
export interface EventBase<K extends string> {
  /** What happened. */
  readonly type: K
  /** Where to resume after this event: pass it as `since`. */
  readonly cursor: string
  /** When it happened. */
  readonly time: Date
}

/** An event in the life of a container. */
export interface ContainerEvent<K extends string> extends EventBase<K> {
  /** Whose event it is. */
  readonly container: {
    /** 64 hex digits. */
    readonly id: string
    /** At that time. */
    readonly name: string
    /** The image's, with its own over them. */
    readonly labels: Readonly<Record<string, string>>
  }
}

/** Something happened to an image, network or volume: `action` is `pull`, `create`, `remove` …, `object` its name or id. */
export interface ObjectEvent<K extends string> extends EventBase<K> {
  /** `pull`, `create`, `remove` … */
  readonly action: string
  /** Its name or id. */
  readonly object: string
}

/** A container has another name, which its `container` has already. */
export interface RenamedEvent extends ContainerEvent<'renamed'> {
  /** That it had until now. */
  readonly previousName: string
}

/** A container began to run, or goes on. */
export interface RunningEvent extends ContainerEvent<'running'> {
  /** The host's number of its first process. */
  readonly pid: number
  /** Why it runs now. */
  readonly reason: 'started' | 'resumed' | 'restarted'
}

/** A container does not run any more. */
export interface StoppedEvent extends ContainerEvent<'stopped'> {
  /** How it ended. */
  readonly exit: ExitStatus
  /** Whether it will be started again by itself. Told once more, with false, when somebody stops it while it waits for that. */
  readonly willRestart: boolean
  /** The limit that it was stopped at: `idleTimeoutMs` or `maxLifetimeMs`. */
  readonly reason?: 'idle' | 'lifetime' | undefined
}

/** The health of a container is another one: `starting` whenever it begins to run, the others by its checks. */
export interface HealthEvent extends ContainerEvent<'health'> {
  /** How it is now. */
  readonly status: 'starting' | 'healthy' | 'unhealthy'
}

/** Something in a container waited longer for a resource than its option `pressure` takes for well; once a window at most. */
export interface PressureEvent extends ContainerEvent<'pressure'> {
  /** What was waited for. */
  readonly resource: 'cpu' | 'memory' | 'io'
  /** Whether at least one task waited, or all that had something to do. */
  readonly kind: 'some' | 'full'
  /** How long, at least. */
  readonly stallMs: number
  /** Within how much time. */
  readonly windowMs: number
}

/**
 * A container wanted to reach what its egress policy does not allow, and was refused. Twenty are told at once, and one a second from then
 * on, for each container.
 */
export interface EgressEvent extends ContainerEvent<'egress'> {
  /** Where it wanted to go. */
  readonly destination: {
    /** `127.0.0.11` where it asked for a name that is not allowed, or leads only where no name may. */
    readonly address: string
    /** 0 where the protocol has none. */
    readonly port: number
    /** `tcp`, `udp`, `icmp` …, else its number. */
    readonly protocol: string
    /** The name that it asked for; or the last allowed one that led to the address. */
    readonly name?: string | undefined
  }
}

/** A command in a container began or ended. */
export interface ExecEvent extends ContainerEvent<'exec'> {
  /** 64 hex digits. */
  readonly execId: string
  /** Null when it begins. */
  readonly exitCode: number | null
}

/** Something works, but not as well as it could. */
export interface WarningEvent extends EventBase<'warning'> {
  /** What an error of this kind would have. */
  readonly code: ErrorCode
  /** What is wrong, as a sentence. */
  readonly message: string
  /** What to do about it. */
  readonly hint: string
}

/** Everything that an engine tells. */
export type EngineEvent =
  | ContainerEvent<'created'>
  | ContainerEvent<'paused'>
  | ContainerEvent<'removed'>
  | ContainerEvent<'oom'>
  | PressureEvent
  | EgressEvent
  | RenamedEvent
  | RunningEvent
  | StoppedEvent
  | HealthEvent
  | ExecEvent
  | ObjectEvent<'image'>
  | ObjectEvent<'network'>
  | ObjectEvent<'volume'>
  | WarningEvent

/** The types of events: `running`, `stopped` … */
export type EventType = EngineEvent['type']

/** The event of that type: `EventOf<'stopped'>`. */
export type EventOf<K extends EventType> = Extract<EngineEvent, { type: K }>

/** The events by their type. */
export type EventMap = { readonly [K in EventType]: EventOf<K> }

/** Types of the events that are about one container. */
export type ContainerEventType = Extract<EngineEvent, { container: unknown }>['type']

/** Types of the events of a container's life, in which a container's own listeners are interested. */
export type LifecycleEventType = Exclude<ContainerEventType, 'exec'>

/** An event that has no cursor or time yet: the bus adds what is missing. */
export type EventDraft = EngineEvent extends infer E
  ? E extends EngineEvent
    ? Omit<E, 'cursor' | 'time'> & { readonly cursor?: string | undefined; readonly time?: Date | undefined }
    : never
  : never
