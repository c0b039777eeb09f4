// SPDX-License-Identifier: Apache-2.0
import type { ByteSize } from '../util/byte-size.js'

/** A file or directory of the host, with what is mounted below it; nosuid, nodev, and without propagation either way. */
export interface BindMount {
  /** A file or directory of the host. */
  readonly type: 'bind'
  /** Absolute, on the host; has to exist. */
  readonly source: string
  /** Absolute, inside; made if it does not exist. */
  readonly target: string
  /** Read-only, with everything mounted below it. */
  readonly readonly?: boolean | undefined
}

/** A file system in memory, which counts as the container's memory; nosuid, nodev. */
export interface TmpfsMount {
  /** A file system in memory, which counts as the memory of the container. */
  readonly type: 'tmpfs'
  /** Absolute, inside; made if it does not exist. */
  readonly target: string
  /** 64 MiB by default. */
  readonly size?: ByteSize | undefined
  /** Permission bits of its root; 0o1777 by default. */
  readonly mode?: number | undefined
  /** Whether programs in it may be run; false by default. */
  readonly exec?: boolean | undefined
  /** Whether nothing can be written there. */
  readonly readonly?: boolean | undefined
}

/** A named volume. Not yet supported. */
export interface VolumeMount {
  /** A directory that outlives containers. Not yet supported. */
  readonly type: 'volume'
  /** Its name; without, it is made for this container. */
  readonly source?: string | undefined
  /** Absolute, inside. */
  readonly target: string
  /** Whether nothing can be written there. */
  readonly readonly?: boolean | undefined
}

/** The content of an image, read-only. Not yet supported. */
export interface ImageMount {
  /** The file system of another image, read-only. Not yet supported. */
  readonly type: 'image'
  /** A name or id of the image. */
  readonly source: string
  /** Absolute, inside. */
  readonly target: string
}

/** One thing mounted over the file system of a container. */
export type Mount = BindMount | TmpfsMount | VolumeMount | ImageMount
