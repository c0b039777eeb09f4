// SPDX-License-Identifier: Apache-2.0
import type { ExecOptions } from '../runtime/exec-options.js'
import type { ExecTemplate } from '../runtime/process-spec.js'

/** What an engine writes down with a container, for itself and for engines of later processes. */
export interface ContainerRecord {
  readonly version: 1
  readonly image: {
    /** The config's digest. */
    readonly id: string
    /** The manifest's digest. */
    readonly digest: string
    /** What it was called when the container was made. */
    readonly reference: string | null
    /** diffIDs of its layers. */
    readonly diffIds: readonly string[]
  }
  readonly command: readonly string[]
  /** Beside the default ones. */
  readonly mounts?: readonly ContainerMount[] | undefined
  /** Images that it mounts. */
  readonly mountedImages?: readonly { readonly digest: string; readonly diffIds: readonly string[] }[] | undefined
  readonly labels: Readonly<Record<string, string>>
  readonly exec: ExecTemplate
  readonly execDefaults?: ExecOptions | undefined
  readonly stopSignal: number
  readonly stopTimeoutMs: number
  readonly autoRemove: boolean
  readonly tty: boolean
  /** Whether attachments write what it reads. */
  readonly openStdin?: boolean | undefined
  /** Where its log went; undefined: into files. */
  readonly logDriver?: string | undefined
}

/** One thing that a container mounts. */
export interface ContainerMount {
  /** What kind of thing it is. */
  readonly type: 'bind' | 'tmpfs' | 'volume' | 'image'
  /** A path of the host, the name of a volume, or what the image was called; null for a tmpfs. */
  readonly source: string | null
  /** Absolute, inside. */
  readonly target: string
  /** Whether nothing can be written there. */
  readonly readonly: boolean
  /** Of a volume: whether it was made for this container. */
  readonly anonymous?: boolean | undefined
}

/** The record; undefined for one that another version wrote, or nobody. */
export function readRecord(value: unknown): ContainerRecord | undefined {
  if (typeof value !== 'object' || value === null || Reflect.get(value, 'version') !== 1) return undefined
  return value as ContainerRecord
}
