// SPDX-License-Identifier: Apache-2.0
import type {
  EgressMessage,
  NetworkPlaceArguments,
  PortMessage,
  RateMessage,
  ResolverArguments,
} from './network-messages.js'
import type { PressureTrigger } from './stats-message.js'

// What makes a container, as docs/protocol.md has it: `create`, and what its owner keeps up then.

/** A position in the descriptors that travel with the message. */
export type DescriptorIndex = number

export interface RestartPolicyMessage {
  readonly policy: 'no' | 'on-failure' | 'always' | 'unless-stopped'
  /** Of `on-failure`; 0: without end. */
  readonly maxRetries: number
}

export interface HealthArguments {
  /** OCI process. */
  readonly process: object
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly startPeriodMs: number
  readonly startIntervalMs: number
  readonly retries: number
}

/** What is done with a container while nobody asks. */
export interface SupervisionArguments {
  readonly restart?: RestartPolicyMessage
  readonly health?: HealthArguments
  readonly idleTimeoutMs?: number
  readonly maxLifetimeMs?: number
}

export type HealthStatus = 'starting' | 'healthy' | 'unhealthy'

export interface HealthMessage {
  readonly status: HealthStatus
  readonly failingStreak: number
  /** Oldest first; empty in `list`. */
  readonly log: readonly {
    readonly start: number
    readonly end: number
    readonly exitCode: number
    readonly output: string
  }[]
}

export interface CreateArguments extends SupervisionArguments {
  readonly container: string
  readonly name: string
  /** OCI runtime spec without linux.seccomp. */
  readonly spec: object
  /** The key that `seccomp` gave; null: unconfined. */
  readonly seccomp: string | null
  /** Hex digits of the diffIDs, lowest layer first. */
  readonly layers: readonly string[]
  /** The layer whose root directory the container's is like; one that nobody described is root's, 0755. */
  readonly rootLayer?: string | undefined
  /** What it mounts of the store's volumes. */
  readonly volumes?: readonly VolumeMessage[] | undefined
  /** What mounts of type `image` show, by their source: hex digits of the diffIDs, lowest layer first. */
  readonly images?: Readonly<Record<string, readonly string[]>> | undefined
  readonly hostUsr: boolean
  readonly userns: 'private' | 'host'
  readonly init: boolean
  readonly idle: boolean
  readonly detached: boolean
  readonly autoRemove: boolean
  readonly stopSignal: number
  readonly stopTimeoutMs: number
  readonly log: LogArguments
  readonly stdin?: DescriptorIndex
  /** The input is what attachments write. */
  readonly openStdin?: boolean
  readonly pressure?: readonly PressureTrigger[] | undefined
  /** Bytes. */
  readonly diskQuota?: number | undefined
  /** Namespaces of another container that it shares; `pidfd` is of that one's first process, where another process owns it. */
  readonly join?: {
    readonly container: string
    readonly namespaces: readonly string[]
    readonly pidfd?: DescriptorIndex
  }
  /** Places on networks that `network.ensure` has made; it needs a network namespace of its own. */
  readonly networks?: readonly NetworkPlaceArguments[] | undefined
  /** Of the host, leading to the first place that has an address of their family. */
  readonly ports?: readonly PortMessage[] | undefined
  /** Of each of its links. */
  readonly rate?: RateMessage | undefined
  /** In the place of those of its networks. */
  readonly egress?: EgressMessage | undefined
  /** Of a container with a place on a network. */
  readonly resolver?: ResolverArguments | undefined
  /** Of a container that is not detached: files in memory, bound read-only over these paths. */
  readonly secrets?: readonly SecretFileMessage[] | undefined
  /** The same: sockets, which its creator gets to accept connections from. */
  readonly sockets?: readonly MemoryFileMessage[] | undefined
  /** Whether its files in /etc are read-only. */
  readonly etcReadonly?: boolean | undefined
  /** Whether device nodes in its root can be opened: those that come with an image above all. */
  readonly rootDevices?: boolean | undefined
  /** Lists do not have it, and only its owner hears of it. */
  readonly hidden?: boolean | undefined
  /** Kept and given back, never read. */
  readonly record: unknown
}

export interface MemoryFileMessage {
  /** Absolute. */
  readonly path: string
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

export interface SecretFileMessage extends MemoryFileMessage {
  /** Base64. */
  readonly content: string
}

export interface VolumeMessage {
  readonly name: string
  /** volume.json of one that is to be made where it is missing. */
  readonly record?: object | undefined
  /** The path in the image whose content an empty one begins with. */
  readonly copyFrom?: string | undefined
  readonly anonymous: boolean
  /** Of one that is mounted while it is used. */
  readonly fileSystem?: VolumeFileSystemMessage | undefined
}

export interface VolumeFileSystemMessage {
  readonly type: string
  /** `key=value`, or a flag. */
  readonly options: readonly string[]
}

export interface LogArguments {
  readonly driver: 'file' | 'none' | 'pipe'
  readonly maxBytes: number
  readonly maxFiles: number
  /** Where the lines go. */
  readonly pipe?: DescriptorIndex
}
