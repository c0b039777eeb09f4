// SPDX-License-Identifier: Apache-2.0
import type { ExitStatus } from '../errors/exit-status.js'
import type { HealthMessage } from '../native/create-message.js'
import type { ContainerInfo } from '../native/messages.js'
import { type RestartPolicy, restartPolicy } from '../runtime/restart-policy.js'
import { linkTo } from './container-link.js'
import type { ContainerMount } from './container-record.js'
import type { ContainerState } from './container-state.js'
import type { Subject } from './operate.js'
import type { PublishedPort } from './published-ports.js'
import type { TrackedContainer } from './tracked-container.js'

/** Everything that is known of a container, as it is now. */
export interface ContainerInspection {
  /** 64 hex digits. */
  readonly id: string
  /** Unique in its engine. */
  readonly name: string
  /** Where it is in its life. */
  readonly state: ContainerState
  /** The host's number of its first process; null while there is none. */
  readonly pid: number | null
  /** How it ended; null before. */
  readonly exit: ExitStatus | null
  /** When its record was written. */
  readonly createdAt: Date
  /** The image's, with its own over them. */
  readonly labels: Readonly<Record<string, string>>
  /** What it was made of. */
  readonly image: ContainerImage
  /** What its main process runs; empty for an idle container. */
  readonly command: readonly string[]
  /** `NAME=value`. */
  readonly env: readonly string[]
  /** Absolute, inside. */
  readonly workdir: string
  /** As it was asked for, or as the image says; empty means root. */
  readonly user: string
  /** What is mounted in it, beside what every container has. */
  readonly mounts: readonly ContainerMount[]
  /** Networks that it is on, in the order in which they were asked for. */
  readonly networks: readonly ContainerNetwork[]
  /** Ports of the host that lead to its own. */
  readonly ports: readonly PublishedPort[]
  /** Whether its main process has a terminal. */
  readonly tty: boolean
  /** Whether it outlives the process that made it. */
  readonly detached: boolean
  /** Whether it is removed when it ends. */
  readonly autoRemove: boolean
  /** When it is started again after its end. */
  readonly restart: RestartPolicy
  /** How often it was started again by itself since somebody started it. */
  readonly restartCount: number
  /** When it will be started again; null: it runs, or stays as it is. */
  readonly nextRestartAt: Date | null
  /** The limit that it was stopped at: `idleTimeoutMs` or `maxLifetimeMs`. */
  readonly stopReason: 'idle' | 'lifetime' | null
  /** What its checks found; null: there are none, or it never ran. */
  readonly health: ContainerHealth | null
}

/** What the checks of a container found. */
export interface ContainerHealth {
  /** How it is. One that does not run is unhealthy. */
  readonly status: 'starting' | 'healthy' | 'unhealthy'
  /** Failures in a row. */
  readonly failingStreak: number
  /** The last five checks, oldest first. */
  readonly log: readonly HealthResult[]
}

/** What one check found. */
export interface HealthResult {
  /** When it began. */
  readonly start: Date
  /** When it was over. */
  readonly end: Date
  /** 0 is healthy; -1: it could not be run, or took too long. */
  readonly exitCode: number
  /** The first 4,096 bytes of what it wrote. */
  readonly output: string
}

/** A network that a container is on. */
export interface ContainerNetwork {
  /** The network's: 64 hex digits. */
  readonly id: string
  /** The network's. */
  readonly name: string
  /** Its own there; none while it has no process. */
  readonly addresses: readonly string[]
  /** Of its link there; null while it has no process. */
  readonly mac: string | null
}

/** The image that a container was made from. */
export interface ContainerImage {
  /** Digest of its config. */
  readonly id: string
  /** What it was called when the container was made; null if it had no name. */
  readonly reference: string | null
}

/** Asks for the current state first. */
export async function inspectContainer(
  { context, container }: Subject,
  signal?: AbortSignal,
): Promise<ContainerInspection> {
  if (container.state !== 'removed') {
    const connection = await linkTo(context, container)
    const { result } = await connection.request('inspect', { container: container.id }, { signal })
    container.update(result)
    return describe(container, result)
  }
  return describe(container)
}

/** The image of a container. */
export function imageOf({ record }: TrackedContainer): ContainerImage {
  return { id: record?.image.id ?? '', reference: record?.image.reference ?? null }
}

type Supervised = Pick<ContainerInfo, 'restart' | 'restartCount' | 'nextRestartAt' | 'health' | 'networks'>

function describe(container: TrackedContainer, info: Supervised = {}): ContainerInspection {
  const { id, name, state, pid, exit, createdAt, detached, record } = container
  return {
    id,
    name,
    state,
    pid,
    exit,
    createdAt,
    labels: record?.labels ?? {},
    image: imageOf(container),
    command: record?.command ?? [],
    env: record?.exec.env ?? [],
    workdir: record?.exec.cwd ?? '/',
    user: record?.exec.user ?? '',
    mounts: record?.mounts ?? [],
    networks: (info.networks ?? []).map(({ network, ...place }) => ({ id: network, ...place })),
    ports: container.ports,
    tty: record?.tty ?? false,
    detached,
    autoRemove: record?.autoRemove ?? false,
    restart: info.restart ? restartPolicy(info.restart) : 'no',
    restartCount: info.restartCount ?? 0,
    nextRestartAt: typeof info.nextRestartAt === 'number' ? new Date(info.nextRestartAt) : null,
    stopReason: container.stopReason,
    health: info.health ? healthOf(info.health) : null,
  }
}

function healthOf({ status, failingStreak, log }: HealthMessage): ContainerHealth {
  const results = log.map((result) => ({ ...result, start: new Date(result.start), end: new Date(result.end) }))
  return { status, failingStreak, log: results }
}
