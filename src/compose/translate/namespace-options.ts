// SPDX-License-Identifier: Apache-2.0
import type { ContainerOptions } from 'tscontainer'
import { firstContainer } from './first-container.js'
import type { Translation } from './translation.js'

type Shared = 'private' | 'host' | `container:${string}`

/** Namespaces beside the network that it shares with the host or with another container, and its shared memory. */
export function namespaceOptions(translation: Translation): ContainerOptions {
  const ipc = sharedOf(translation, 'ipc')
  const shm = translation.model.shm_size || undefined
  const ownsIpc = ipc === undefined || ipc === 'private'
  if (shm !== undefined && !ownsIpc)
    translation.reporter.report(['shm_size'], 'it has no effect: the shared memory is that of whom it is shared with')
  return {
    ...(ipc !== undefined && { ipc }),
    ...pick('pid', sharedOf(translation, 'pid')),
    ...pick('uts', sharedOf(translation, 'uts')),
    ...(shm !== undefined && ownsIpc && { shmSize: shm }),
  }
}

const pick = (key: 'pid' | 'uts', value: Shared | undefined): ContainerOptions =>
  value === undefined ? {} : { [key]: value }

function sharedOf(translation: Translation, key: 'ipc' | 'pid' | 'uts'): Shared | undefined {
  const { model, reporter } = translation
  const value = model[key]
  // Any container can be joined here.
  if (!value || value === 'shareable') return undefined
  if (value === 'private' || value === 'host') return value
  return joinedOf(translation, value, [key]) ?? reporter.unsupported([key], `'${value}' is not known here`)
}

/** `service:web` or `container:name` as the engine has it. */
export function joinedOf(
  translation: Translation,
  value: string,
  path: readonly string[],
): `container:${string}` | undefined {
  const [, kind, name = ''] = /^(service|container):(.+)$/.exec(value) ?? []
  if (kind === undefined) return undefined
  return `container:${kind === 'container' ? name : firstContainer(translation, name, path).id}`
}
