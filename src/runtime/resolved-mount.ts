// SPDX-License-Identifier: Apache-2.0
import type { BindMount, TmpfsMount } from './mount-options.js'

/** A volume that is there. */
export interface ResolvedVolume {
  readonly type: 'volume'
  /** Of the host. */
  readonly path: string
  readonly target: string
  /** With what is mounted below it; false by default. */
  readonly recursive?: boolean | undefined
  readonly readonly?: boolean | undefined
  readonly subpath?: string | undefined
}

/** An image that is there. */
export interface ResolvedImage {
  readonly type: 'image'
  /** Its name among those that the container mounts. */
  readonly key: string
  readonly target: string
  readonly subpath?: string | undefined
  /** What is written is the container's own, and goes with it; false by default: nothing can be written. */
  readonly writable?: boolean | undefined
}

/** A mount of which everything is known that the specification needs. */
export type ResolvedMount = BindMount | TmpfsMount | ResolvedVolume | ResolvedImage
