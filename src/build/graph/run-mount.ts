// SPDX-License-Identifier: Apache-2.0
import type { Vertex } from './vertex.js'

/** Whose files a mount shows, and what is special about them. */
export type RunMount = BindMount | CacheMount | TmpfsMount | SecretMount | SshMount

/** Owner and permissions; undefined: the mount's own defaults. */
export interface MountOwner {
  readonly uid?: number | undefined
  readonly gid?: number | undefined
  readonly mode?: number | undefined
}

/** Files of another vertex. What is written is thrown away. */
export interface BindMount {
  readonly kind: 'bind'
  /** Absolute. */
  readonly target: string
  readonly from: Vertex
  /** Absolute, in `from`. */
  readonly source: string
  readonly readOnly: boolean
}

/** A directory that outlives the build. Neither its id nor its sharing is part of the key. */
export interface CacheMount extends MountOwner {
  readonly kind: 'cache'
  /** Absolute. */
  readonly target: string
  readonly id: string
  readonly sharing: 'shared' | 'private' | 'locked'
  /** What it begins with; null: empty. */
  readonly from: Vertex | null
  /** Absolute, in `from`. */
  readonly source: string
  readonly readOnly: boolean
}

/** Memory. */
export interface TmpfsMount {
  readonly kind: 'tmpfs'
  /** Absolute. */
  readonly target: string
  readonly sizeBytes?: number | undefined
}

/** A secret of the caller as a file, a variable, or both. Its value is part of no key. */
export interface SecretMount extends MountOwner {
  readonly kind: 'secret'
  readonly id: string
  /** Absolute; undefined: a variable only. */
  readonly target?: string | undefined
  /** The variable's name; undefined: a file only. */
  readonly env?: string | undefined
  readonly required: boolean
}

/** The socket of an SSH agent. */
export interface SshMount extends MountOwner {
  readonly kind: 'ssh'
  readonly id: string
  /** Absolute; undefined: where SSH_AUTH_SOCK will say. */
  readonly target?: string | undefined
  readonly required: boolean
}
