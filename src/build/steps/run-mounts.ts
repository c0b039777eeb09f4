// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '../../oci/digest.js'
import type { ResolvedMount } from '../../runtime/resolved-mount.js'
import { layerName } from '../../store/store-paths.js'

/**
 * What a command sees beside its root, and what no layer keeps: another root (a stage, or a copy of a context, which then cannot be changed under
 * the command) to be read, or a file system in memory.
 */
export type RunMount =
  | {
      readonly type: 'layers'
      /** Absolute. */
      readonly target: string
      /** The lowest first. */
      readonly layers: readonly Digest[]
      /** The part of it that is mounted, links resolved inside. */
      readonly subpath?: string | undefined
    }
  | {
      readonly type: 'tmpfs'
      /** Absolute. */
      readonly target: string
      readonly size?: number | undefined
    }

/** The mounts as a plan and a message have them. */
export function runMounts(mounts: readonly RunMount[]): {
  readonly mounts: readonly ResolvedMount[]
  readonly images: Readonly<Record<string, readonly string[]>>
  readonly mountPoints: readonly string[]
} {
  const images: Record<string, readonly string[]> = {}
  const resolved = mounts.map((mount, number): ResolvedMount => {
    if (mount.type === 'tmpfs') return { type: 'tmpfs', target: mount.target, size: mount.size, exec: true }
    const key = `root-${number}`
    images[key] = mount.layers.map(layerName)
    return { type: 'image', key, target: mount.target, subpath: mount.subpath }
  })
  return { mounts: resolved, images, mountPoints: mounts.map(({ target }) => target) }
}
