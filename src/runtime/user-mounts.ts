// SPDX-License-Identifier: Apache-2.0
import type { MountSpec } from '../oci/runtime-spec.js'
import { parseByteSize } from '../util/byte-size.js'
import { mountTarget } from './mount-checks.js'
import type { BindMount, TmpfsMount } from './mount-options.js'
import type { ResolvedImage, ResolvedMount, ResolvedVolume } from './resolved-mount.js'

const defaultTmpfsBytes = 64 * 1024 * 1024

/** The mounts with those of the options: in the place of a default one with that target, else after them, parents first. */
export function withUserMounts(
  defaults: readonly MountSpec[],
  mounts: readonly ResolvedMount[] = [],
): readonly MountSpec[] {
  if (mounts.length === 0) return defaults
  const specs = mounts.map(toSpec)
  const taken = new Set(specs.map(({ destination }) => destination))
  const depth = ({ destination }: MountSpec) => destination.split('/').length
  return [
    ...defaults.filter(({ destination }) => !taken.has(destination)),
    ...specs.sort((one, other) => depth(one) - depth(other)),
  ]
}

function toSpec(mount: ResolvedMount, index: number): MountSpec {
  switch (mount.type) {
    case 'bind':
      return bind(mount)
    case 'tmpfs':
      return tmpfs(mount, index)
    case 'volume':
      return volume(mount)
    case 'image':
      return image(mount)
  }
}

function bind({ source, target, readonly, subpath, recursive = true, propagation = 'private' }: BindMount): MountSpec {
  const options = [
    recursive ? 'rbind' : 'bind',
    `r${propagation}`,
    'nosuid',
    'nodev',
    ...(readonly ? ['ro', 'rro'] : []),
  ]
  return { destination: mountTarget(target), type: 'bind', source, options: [...options, ...part(subpath)] }
}

function volume({ path, target, recursive, readonly, subpath }: ResolvedVolume): MountSpec {
  const options = [
    recursive ? 'rbind' : 'bind',
    'rprivate',
    'nosuid',
    'nodev',
    ...(readonly ? ['ro', ...(recursive ? ['rro'] : [])] : []),
    ...part(subpath),
  ]
  return { destination: mountTarget(target), type: 'bind', source: path, options }
}

function image({ key, target, subpath }: ResolvedImage): MountSpec {
  const options = ['ro', 'nosuid', 'nodev', ...part(subpath)]
  return { destination: mountTarget(target), type: 'image', source: key, options }
}

function part(subpath: string | undefined): readonly string[] {
  return subpath === undefined ? [] : [`subpath=${subpath}`]
}

function tmpfs({ target, size, mode, uid, gid, exec, readonly }: TmpfsMount, index: number): MountSpec {
  const bytes = size === undefined ? defaultTmpfsBytes : parseByteSize(size, `mounts[${index}].size`)
  const options = [
    'nosuid',
    'nodev',
    ...(exec ? [] : ['noexec']),
    ...(readonly ? ['ro'] : []),
    `mode=${(mode ?? 0o1777).toString(8)}`,
    `size=${bytes}`,
    ...(uid === undefined ? [] : [`uid=${uid}`]),
    ...(gid === undefined ? [] : [`gid=${gid}`]),
  ]
  return { destination: mountTarget(target), type: 'tmpfs', source: 'tmpfs', options }
}
