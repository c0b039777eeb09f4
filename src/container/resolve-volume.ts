// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import type { VolumeMessage } from '../native/create-message.js'
import type { ContainerOptions } from '../runtime/container-options.js'
import { mountTarget } from '../runtime/mount-checks.js'
import type { VolumeMount } from '../runtime/mount-options.js'
import type { ResolvedVolume } from '../runtime/resolved-mount.js'
import { randomId } from '../util/random-id.js'
import type { UndoStack } from '../util/undo-stack.js'
import { driverOf } from '../volume/call-driver.js'
import { newVolumeRecord } from '../volume/create-volume.js'
import { type DriverMount, mountByDriver } from '../volume/driver-mounts.js'
import { findVolume } from '../volume/find-volume.js'
import { parseLocalOptions } from '../volume/local-options.js'
import type { VolumeRecord } from '../volume/volume-record.js'
import type { ContainerContext } from './container-context.js'
import type { ContainerMount } from './container-record.js'

/** A volume as one container mounts it. */
export interface ResolvedVolumeMount {
  readonly mount: ResolvedVolume
  readonly recorded: ContainerMount
  readonly volume: VolumeMessage
  readonly byDriver?: DriverMount | undefined
}

interface VolumeRequest {
  /** Of the container. */
  readonly id: string
  readonly options: ContainerOptions
}

/** What a volume is mounted from: the part that depends on what keeps it. */
type Origin = Pick<ResolvedVolume, 'path' | 'recursive'> &
  Pick<VolumeMessage, 'fileSystem'> & {
    readonly readonly?: boolean
    /** Whether it can be made where it is missing, and filled. */
    readonly plain?: boolean
    readonly byDriver?: DriverMount
  }

/** Finds the volume, or says what is to be made; one of a plugin is mounted by that, which `undo` takes back. */
export async function resolveVolume(
  context: ContainerContext,
  request: VolumeRequest,
  { source, target, nocopy, subpath, ...mount }: VolumeMount,
  undo: UndoStack,
): Promise<ResolvedVolumeMount> {
  const anonymous = source === undefined
  const name = source ?? randomId()
  const known = anonymous ? undefined : await findVolume(context.volumes, name)
  const record = known ?? newVolumeRecord({ name, anonymous, ...(anonymous && { container: request.id }) })
  const { path, recursive, plain = false, fileSystem, byDriver, ...origin } = await originOf(context, request, record)
  if (byDriver) undo.push('mount volume', () => byDriver.release())
  const readonly = (mount.readonly || origin.readonly) ?? false
  const copies = plain && !nocopy && subpath === undefined
  return {
    mount: { type: 'volume', path, recursive, target, readonly, subpath },
    volume: {
      name,
      record: plain ? record : undefined,
      copyFrom: copies ? mountTarget(target) : undefined,
      anonymous,
      fileSystem,
    },
    recorded: { type: 'volume', source: name, target, readonly, anonymous },
    byDriver,
  }
}

async function originOf(
  { volumes, runRoot }: ContainerContext,
  request: VolumeRequest,
  record: VolumeRecord,
): Promise<Origin> {
  if (driverOf(volumes, record)) return await mountedByDriver(volumes, request, record)
  const kind = parseLocalOptions(record.options)
  if (kind.kind === 'directory') return { path: (await volumes.paths()).volumeData(record.name), plain: true }
  if (kind.kind === 'bind') return { path: kind.device, recursive: kind.recursive, readonly: kind.readonly }
  return { path: `${runRoot}/v1/volumes/${record.name}`, fileSystem: kind.fileSystem, readonly: kind.readonly }
}

async function mountedByDriver(
  volumes: ContainerContext['volumes'],
  { id, options }: VolumeRequest,
  record: VolumeRecord,
): Promise<Origin> {
  if (options.detached || options.restart !== undefined)
    throw new EngineError({
      code: 'ERR_UNSUPPORTED',
      message: `mounts: the driver of volume '${record.name}' lives in this process, and a container that is detached or started again by itself does not`,
      option: 'mounts',
      hint: 'use a volume of the local driver',
    })
  const byDriver = await mountByDriver(volumes, record, { container: id, signal: options.signal })
  return { path: byDriver.path, byDriver }
}
