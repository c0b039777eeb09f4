// SPDX-License-Identifier: Apache-2.0
import type { MountSpec } from '../oci/runtime-spec.js'
import { parseByteSize } from '../util/byte-size.js'
import { mountTarget } from './mount-checks.js'
import type { BindMount, Mount, TmpfsMount } from './mount-options.js'

const defaultTmpfsBytes = 64 * 1024 * 1024

/** The mounts with those of the options: in the place of a default one with that target, else after them, parents first. */
export function withUserMounts(defaults: readonly MountSpec[], mounts: readonly Mount[] = []): readonly MountSpec[] {
  if (mounts.length === 0) return defaults
  const specs = mounts.flatMap(toSpec)
  const taken = new Set(specs.map(({ destination }) => destination))
  const depth = ({ destination }: MountSpec) => destination.split('/').length
  return [
    ...defaults.filter(({ destination }) => !taken.has(destination)),
    ...specs.sort((one, other) => depth(one) - depth(other)),
  ]
}

function toSpec(mount: Mount, index: number): readonly MountSpec[] {
  if (mount.type === 'bind') return [bind(mount)]
  return mount.type === 'tmpfs' ? [tmpfs(mount, index)] : []
}

function bind({ source, target, readonly }: BindMount): MountSpec {
  const options = ['rbind', 'rprivate', 'nosuid', 'nodev', ...(readonly ? ['ro', 'rro'] : [])]
  return { destination: mountTarget(target), type: 'bind', source, options }
}

function tmpfs({ target, size, mode, exec, readonly }: TmpfsMount, index: number): MountSpec {
  const bytes = size === undefined ? defaultTmpfsBytes : parseByteSize(size, `mounts[${index}].size`)
  const options = [
    'nosuid',
    'nodev',
    ...(exec ? [] : ['noexec']),
    ...(readonly ? ['ro'] : []),
    `mode=${(mode ?? 0o1777).toString(8)}`,
    `size=${bytes}`,
  ]
  return { destination: mountTarget(target), type: 'tmpfs', source: 'tmpfs', options }
}
