// SPDX-License-Identifier: Apache-2.0
import { posix } from 'node:path'
import type { BindMount, Mount, TmpfsMount, VolumeMount } from 'tscontainer'
import type { MountModel } from '../model/service-parts.js'
import { defaultTmpfsBytes, tmpfsMounts } from './tmpfs-mounts.js'
import type { Translation } from './translation.js'
import { mountsOfOthers } from './volumes-from.js'

type Entry = MountModel & { readonly target: string }
type Say = (path: readonly string[], message: string) => void

/** What is mounted in it: its volumes and tmpfs, then those of other containers and of the one before it where it says nothing itself. */
export async function mountsOf(translation: Translation): Promise<readonly Mount[]> {
  const { model, request } = translation
  const own = [
    ...(model.volumes ?? []).map((volume, index) => mountOf(volume as Entry, index, translation)),
    ...tmpfsMounts(translation),
  ]
  const inherited = request.inherited ?? new Map<string, string>()
  const known = own.map((mount) => withInherited(mount, inherited))
  const before = [...inherited].map(([target, source]): VolumeMount => ({ type: 'volume', source, target }))
  const taken = new Set<string>()
  return [...known, ...(await mountsOfOthers(translation)), ...before].filter(({ target }) => {
    const place = posix.join(target, '.')
    return !taken.has(place) && taken.add(place)
  })
}

const withInherited = (mount: Mount, inherited: ReadonlyMap<string, string>): Mount =>
  mount.type === 'volume' && mount.source === undefined && inherited.has(mount.target)
    ? { ...mount, source: inherited.get(mount.target) }
    : mount

function mountOf(volume: Entry, index: number, translation: Translation): Mount {
  const { reporter } = translation
  const say: Say = (path, message) => reporter.report(['volumes', index, ...path], message)
  if (volume.consistency !== undefined && volume.consistency !== 'consistent')
    reporter.report(['volumes', index, 'consistency'], 'it has no effect here: only desktops have it', 'not-applicable')
  switch (volume.type) {
    case 'bind':
      return bindMount(volume, say)
    case 'volume':
      return volumeMount(volume, translation, say)
    case 'tmpfs':
      return tmpfsMount(volume)
    case 'image':
      return { type: 'image', source: volume.source ?? '', target: volume.target, ...part(volume.image) }
    default:
      return reporter.unsupported(['volumes', index, 'type'], `there are no mounts of the type ${volume.type} here`)
  }
}

const part = (details: { readonly subpath?: string } | undefined) =>
  details?.subpath ? { subpath: details.subpath } : {}
const readonly = ({ read_only: value }: MountModel) => (value ? { readonly: true } : {})

function bindMount(volume: Entry, say: Say): BindMount {
  const { source = '', target, bind = {} } = volume
  const { create_host_path: create = true, recursive } = bind
  if (bind.selinux !== undefined) say(['bind', 'selinux'], 'no labels of SELinux are set here')
  if (recursive === 'writable' && volume.read_only)
    say(['bind', 'recursive'], 'what is mounted below a read-only source is read-only too')
  return {
    type: 'bind',
    source,
    target,
    ...readonly(volume),
    ...(create && { createSource: true }),
    ...(recursive === 'disabled' && { recursive: false }),
    ...propagationOf(bind.propagation, say),
  }
}

function propagationOf(propagation: string | undefined, say: Say): Pick<BindMount, 'propagation'> {
  if (propagation === undefined || /private$/.test(propagation)) return {}
  if (/shared$/.test(propagation))
    say(['bind', 'propagation'], 'what is mounted inside shows nowhere else; what the host mounts shows inside')
  return { propagation: 'slave' }
}

function volumeMount(volume: Entry, { project, resources }: Translation, say: Say): VolumeMount {
  const { source: key, target, volume: details = {} } = volume
  if (Object.keys(details.labels ?? {}).length > 0)
    say(['volume', 'labels'], 'labels of a volume belong to it, below volumes: at top level')
  const source = key ? (resources.volumes.get(key)?.name ?? project.model.volumes[key]?.name ?? key) : undefined
  return {
    type: 'volume',
    ...(source !== undefined && { source }),
    target,
    ...readonly(volume),
    ...(details.nocopy && { nocopy: true }),
    ...part(details),
  }
}

const tmpfsMount = (volume: Entry): TmpfsMount => ({
  type: 'tmpfs',
  target: volume.target,
  size: volume.tmpfs?.size || defaultTmpfsBytes(),
  ...(volume.tmpfs?.mode !== undefined && { mode: volume.tmpfs.mode }),
  ...readonly(volume),
})
