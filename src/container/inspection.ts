// SPDX-License-Identifier: Apache-2.0
import type { ExitStatus } from '../errors/exit-status.js'
import { linkTo } from './container-link.js'
import type { ContainerState } from './container-state.js'
import type { Subject } from './operate.js'
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
  /** Whether its main process has a terminal. */
  readonly tty: boolean
  /** Whether it outlives the process that made it. */
  readonly detached: boolean
  /** Whether it is removed when it ends. */
  readonly autoRemove: boolean
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
  }
  return describe(container)
}

/** The image of a container. */
export function imageOf({ record }: TrackedContainer): ContainerImage {
  return { id: record?.image.id ?? '', reference: record?.image.reference ?? null }
}

function describe(container: TrackedContainer): ContainerInspection {
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
    tty: record?.tty ?? false,
    detached,
    autoRemove: record?.autoRemove ?? false,
  }
}
