// SPDX-License-Identifier: Apache-2.0
import type { ByteSize } from '../util/byte-size.js'

/** A file or directory of the host, with what is mounted below it; nosuid, nodev, and without propagation either way. */
export interface BindMount {
  /** A file or directory of the host. */
  readonly type: 'bind'
  /** Absolute, on the host; has to exist, unless `createSource` says otherwise. */
  readonly source: string
  /** Absolute, inside; made if it does not exist. */
  readonly target: string
  /** Read-only, with everything mounted below it. */
  readonly readonly?: boolean | undefined
  /** Makes the source, a directory of the caller's, where there is nothing; false by default: a missing source is ERR_INVALID_ARGUMENT. */
  readonly createSource?: boolean | undefined
  /** What is mounted of the source: a relative path. Links in it lead nowhere outside of the source. */
  readonly subpath?: string | undefined
  /** False: without what is mounted below the source; true by default. */
  readonly recursive?: boolean | undefined
  /** `'slave'`: what the host mounts below the source later shows inside; `'private'`, the default: it does not. The other way nothing ever shows. */
  readonly propagation?: 'private' | 'slave' | undefined
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
  /** Who owns its root, as a number inside; 0 by default. */
  readonly uid?: number | undefined
  /** The group of its root; 0 by default. */
  readonly gid?: number | undefined
  /** Whether programs in it may be run; false by default. */
  readonly exec?: boolean | undefined
  /** Whether nothing can be written there. */
  readonly readonly?: boolean | undefined
}

/** A volume: a directory that outlives containers; nosuid, nodev. An empty one begins with what the image has at that place. */
export interface VolumeMount {
  /** A directory that outlives containers. */
  readonly type: 'volume'
  /** Its name; made if there is none. Without, it is made for this container, and goes with it when that is removed with `volumes: true`. */
  readonly source?: string | undefined
  /** Absolute, inside; made if it does not exist. */
  readonly target: string
  /** Whether nothing can be written there. */
  readonly readonly?: boolean | undefined
  /** True: an empty volume stays empty. */
  readonly nocopy?: boolean | undefined
  /** What is mounted of the volume: a relative path, which has to exist. Links in it lead nowhere outside of the volume. Nothing is copied then. */
  readonly subpath?: string | undefined
}

/** The content of an image, read-only; nosuid, nodev. The image is pulled as the container's own is. */
export interface ImageMount {
  /** The file system of another image, read-only. */
  readonly type: 'image'
  /** A name or id of the image. */
  readonly source: string
  /** Absolute, inside; made if it does not exist. */
  readonly target: string
  /** What is mounted of the image: a relative path. */
  readonly subpath?: string | undefined
}

/** One thing mounted over the file system of a container. */
export type Mount = BindMount | TmpfsMount | VolumeMount | ImageMount
