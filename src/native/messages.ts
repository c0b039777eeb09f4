// SPDX-License-Identifier: Apache-2.0
import type {
  BuildCacheArguments,
  BuildCopyArguments,
  BuildMkdirArguments,
  CopyResult,
  SourceArguments,
  SourceDigestResult,
  StagedLayer,
} from './build-messages.js'
import type { CreateArguments, HealthMessage, HealthStatus, RestartPolicyMessage } from './create-message.js'
import type { FileCallArguments, FileCopyArguments } from './file-messages.js'
import type {
  EgressMessage,
  NetworkArguments,
  NetworkListing,
  NetworkPlaceArguments,
  NetworkPlaceInfo,
  PortMessage,
} from './network-messages.js'
import type {
  AttachArguments,
  AttachProgress,
  ExecArguments,
  ExecInfo,
  ExecOutcome,
  ExecProgress,
} from './process-messages.js'
import type { PressureTrigger, StatsResult } from './stats-message.js'

// The messages of docs/protocol.md, operation by operation. Ids are 64 hex digits, signals numbers, times milliseconds since 1970.
// OCI documents (runtime spec, process, resources, seccomp) pass through as they are: src/oci types them.

/** How a container's main process ended. */
export interface ExitMessage {
  readonly code: number
  readonly signal: number | null
  readonly oomKilled: boolean
  readonly startedAt: number
  readonly finishedAt: number
  readonly error?: string
  /** The limit of its life that it was stopped at. */
  readonly reason?: 'idle' | 'lifetime'
}

export interface HelloResult {
  readonly protocol: number
  readonly pid: number
  readonly rootless: boolean
  readonly idMap: 'root' | 'subids' | 'single'
  /** How many ids a container can have. */
  readonly mappedIds: number
  /** Whether containers get a user namespace of their own. */
  readonly userns: boolean
  readonly usernsReason?: string
  readonly cgroup: {
    readonly version: 'none' | 'v1' | 'hybrid' | 'v2'
    readonly controllers: readonly string[]
    /** Controller → why it is missing. */
    readonly reasons: Readonly<Record<string, string>>
  }
  readonly snapshotter: 'overlay' | 'copy'
  /** Whether `diskQuota` of `create` is possible. */
  readonly diskQuotas: boolean
  readonly userxattr: boolean
  /** Where the events that follow begin. */
  readonly cursor: string
}

export type ContainerState = 'created' | 'running' | 'paused' | 'stopped'

/** A container as `list` and `inspect` give it. */
export interface ContainerInfo {
  readonly id: string
  readonly name: string
  readonly state: ContainerState
  readonly pid: number | null
  readonly exit: ExitMessage | null
  readonly createdAt: number
  readonly startedAt: number | null
  readonly record: unknown
  readonly detached: boolean
  /** With the numbers they got; missing of one that nobody holds. */
  readonly ports?: readonly PortMessage[]
  /** In the order in which they were asked for. */
  readonly networks?: readonly NetworkPlaceInfo[]
  /** These four are missing where its state was never written. */
  readonly restart?: RestartPolicyMessage
  readonly restartCount?: number
  readonly nextRestartAt?: number | null
  /** Null without a check, and before the first start. */
  readonly health?: HealthMessage | null
  /** The socket of its monitor. */
  readonly monitor?: string
}

/** A process in a container. */
export interface ProcessInfo {
  /** As the container sees it. */
  readonly pid: number
  /** As the host sees it. */
  readonly hostPid: number
  /** Its arguments, or its name where it has none. */
  readonly command: string
}

type Nothing = Readonly<Record<never, never>>
interface ForContainer {
  readonly container: string
}

interface Operation<Args extends object, Result = Nothing, Progress = never> {
  readonly args: Args
  readonly result: Result
  readonly progress: Progress
}

/** Every operation with what it takes, what it gives, and what it tells in between. */
export interface Operations {
  readonly hello: Operation<
    { readonly protocol: 1; readonly pid: number; readonly events: boolean; readonly since?: string },
    HelloResult
  >
  /** Answered by the end of the connection alone. */
  readonly leave: Operation<Nothing>
  /** `hostAddress`: without root the host's, for who is let out; null where the gateway is the host. */
  readonly 'network.ensure': Operation<{ readonly network: NetworkArguments }, { readonly hostAddress: string | null }>
  readonly 'network.remove': Operation<{ readonly network: string }>
  readonly 'network.partition': Operation<{
    readonly network: string
    readonly pairs: readonly (readonly [string, string])[]
  }>
  /** Between the two; without `other` all of the first, without any all of the network. */
  readonly 'network.heal': Operation<{
    readonly network: string
    readonly one?: readonly string[] | undefined
    readonly other?: readonly string[] | undefined
  }>
  /** What is missing does not happen. */
  readonly 'network.impair': Operation<ForContainer & { readonly network: string; readonly impairment: object }>
  readonly 'network.list': Operation<Nothing, NetworkListing>
  /** For who comes to it from now on. */
  readonly 'network.egress': Operation<{
    readonly network: string
    readonly version: number
    readonly egress: EgressMessage | null
  }>
  /** Its own from now on, null: none; without one, that of its networks is read again. */
  readonly egress: Operation<ForContainer & { readonly egress?: EgressMessage | null }>
  /** Now, and at each start from now on. */
  readonly 'network.connect': Operation<ForContainer & { readonly place: NetworkPlaceArguments }>
  /** Answers when the link is gone. */
  readonly 'network.disconnect': Operation<ForContainer & { readonly network: string }>
  readonly seccomp: Operation<{ readonly profile: object }, { readonly key: string }>
  readonly monitor: Operation<ForContainer, { readonly socket: string }>
  /** Its descriptors are the sockets that were asked for, in that order. */
  readonly create: Operation<
    CreateArguments,
    {
      readonly pid: number | null
      readonly ports: readonly PortMessage[]
      /** Names of those that were made. */
      readonly volumes?: readonly string[]
    }
  >
  readonly start: Operation<ForContainer, { readonly pid: number; readonly startedAt: number }>
  readonly wait: Operation<ForContainer, { readonly exit: ExitMessage }>
  readonly kill: Operation<ForContainer & { readonly signal: number }>
  readonly stop: Operation<
    ForContainer & { readonly signal: number; readonly timeoutMs: number },
    { readonly exit: ExitMessage }
  >
  readonly pause: Operation<ForContainer>
  readonly resume: Operation<ForContainer>
  readonly update: Operation<
    ForContainer & {
      readonly resources: object
      readonly restart?: RestartPolicyMessage | undefined
      readonly name?: string
    }
  >
  readonly stats: Operation<ForContainer, StatsResult>
  readonly processes: Operation<ForContainer, { readonly processes: readonly ProcessInfo[] }>
  readonly remove: Operation<ForContainer & { readonly force: boolean; readonly volumes: boolean }>
  readonly list: Operation<Nothing, { readonly containers: readonly ContainerInfo[] }>
  readonly inspect: Operation<ForContainer, ContainerInfo>
  readonly exec: Operation<ExecArguments, ExecOutcome & { readonly detached?: true }, ExecProgress>
  /** `own`: the types of those that it does not share with the host. Its descriptor is a pidfd of its first process. */
  readonly namespaces: Operation<ForContainer, { readonly own: readonly string[]; readonly userns: 'private' | 'host' }>
  /** Its descriptor is the connected socket. */
  readonly dial: Operation<ForContainer & { readonly port: number; readonly host?: string; readonly timeoutMs: number }>
  readonly 'exec.kill': Operation<{ readonly exec: string; readonly signal: number }>
  readonly 'exec.wait': Operation<ForContainer & { readonly exec: string }, ExecOutcome>
  readonly 'exec.detach': Operation<ForContainer & { readonly exec: string }>
  readonly execs: Operation<ForContainer & { readonly exec?: string }, { readonly execs: readonly ExecInfo[] }>
  readonly attach: Operation<AttachArguments, { readonly lostBytes: number }, AttachProgress>
  readonly 'input.end': Operation<ForContainer & { readonly attachment: string }>
  readonly resize: Operation<ForContainer & { readonly columns: number; readonly rows: number }>
  /** Its descriptor is a terminal that gets these settings back when the connection ends, if it is raw then; one a connection. */
  readonly 'terminal.keep': Operation<{ readonly settings: readonly number[] }>
  readonly 'terminal.drop': Operation<Nothing>
  readonly cancel: Operation<{ readonly request: number }>
  /** Kinds, arguments and results of workers: addon/layer/worker.h. */
  readonly work: Operation<{ readonly kind: string; readonly args: object }, unknown, unknown>
  /** Its descriptor is the new, empty staging directory. */
  readonly 'layer.begin': Operation<{ readonly name: string }>
  readonly 'layer.publish': Operation<{ readonly name: string; readonly layer: string; readonly record: unknown }>
  readonly 'layer.remove': Operation<{ readonly layer: string }>
  /** Fills the staging directory of that name with what the stack of layers, lowest first, needs on top. */
  readonly 'layer.fixup': Operation<
    { readonly name: string; readonly layers: readonly string[] },
    { readonly directories: number }
  >
  readonly 'build.digest': Operation<SourceArguments, SourceDigestResult>
  readonly 'build.copy': Operation<BuildCopyArguments, CopyResult>
  readonly 'build.mkdir': Operation<BuildMkdirArguments, StagedLayer>
  /** Whoever asks has the cache alone. */
  readonly 'build.cache': Operation<BuildCacheArguments, { readonly made: boolean }>
  readonly 'build.usage': Operation<{ readonly cache: string }, { readonly bytes: number; readonly entries: number }>
  readonly 'build.forget': Operation<{ readonly cache: string }>
  readonly 'build.seal': Operation<
    ForContainer & { readonly name: string; readonly mountPoints: readonly string[] },
    StagedLayer
  >
  /** Its descriptor gets the tar; `name` is an empty staging directory (addon/supervisor/stack_request.h). */
  readonly 'build.export': Operation<
    { readonly layers: readonly string[]; readonly name: string; readonly maxMtime?: number | undefined },
    { readonly entries: number }
  >
  /** Its descriptor gets the content. */
  readonly 'build.read': Operation<
    { readonly layers: readonly string[]; readonly path: string; readonly maxBytes: number },
    { readonly size: number | null }
  >
  readonly 'volume.create': Operation<{
    readonly name: string
    readonly record: object
    readonly quota?: number | undefined
  }>
  readonly 'volume.remove': Operation<{ readonly name: string }>
  readonly 'volume.usage': Operation<{ readonly name: string }, { readonly bytes: number; readonly entries: number }>
  /** Results: addon/supervisor/tree_request.h. */
  readonly tree: Operation<ForContainer & { readonly what: TreeReading; readonly args?: object }, unknown, unknown>
  /** Results: addon/files/file_calls.cc. Its descriptor is the file that "open" opened. */
  readonly file: Operation<ForContainer & FileCallArguments, unknown>
  /** Descriptors and results: addon/files/file_copy.h. */
  readonly 'file.copy': Operation<ForContainer & FileCopyArguments, unknown, unknown>
  /** Its descriptor gets the events (addon/files/file_watch.h); it is watched once the progress has come. */
  readonly 'file.watch': Operation<
    ForContainer & { readonly path: string; readonly recursive: boolean },
    Nothing,
    { readonly watching: true }
  >
}

/** What can be read of a container's files, by a worker. */
export type TreeReading = 'export' | 'changes' | 'pack' | 'usage'

export type OperationName = keyof Operations

interface EventBase<T extends string> {
  readonly type: T
  readonly cursor: string
  readonly time: number
  /** Of a container that nobody but its owner hears of. */
  readonly hidden?: boolean
  readonly container: { readonly id: string; readonly name: string; readonly labels: Readonly<Record<string, string>> }
}

/** Where a container wanted to go. */
export interface RefusedDestination {
  readonly address: string
  /** 0 where the protocol has none. */
  readonly port: number
  readonly protocol: string
  readonly name?: string
}

/** A lifecycle event as it comes over the wire. */
export type EventMessage =
  | EventBase<'created' | 'paused' | 'removed' | 'oom'>
  | (EventBase<'renamed'> & { readonly previousName: string })
  | (EventBase<'running'> & { readonly pid: number; readonly reason: 'started' | 'resumed' | 'restarted' })
  | (EventBase<'stopped'> & {
      readonly exit: ExitMessage
      readonly willRestart: boolean
      /** Of all starts: what was written for the reader of the log's pipe, who may not have all of it yet. */
      readonly pipedLogBytes?: number
    })
  | (EventBase<'health'> & { readonly status: HealthStatus })
  | (EventBase<'pressure'> & PressureTrigger)
  | (EventBase<'egress'> & { readonly destination: RefusedDestination })
  | (EventBase<'exec'> & { readonly execId: string; readonly exitCode: number | null })
