// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, stat, unlink } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { EngineError } from '../errors/engine-error.js'
import type { HeldLock } from '../store/file-locker.js'
import { fileStep, isMissing } from '../store/store-failure.js'
import { debugLog } from '../util/debug-log.js'
import { isId } from '../util/random-id.js'
import { asDriverVolume, callDriver, driverOf } from './call-driver.js'
import { getVolume } from './find-volume.js'
import type { VolumeContext } from './volume-context.js'
import type { DriverUse, VolumeDriver } from './volume-driver.js'
import type { VolumeRecord } from './volume-record.js'
import { settled, writeVolumeRecord } from './write-record.js'

/** A volume of a plugin, mounted for one container. */
export interface DriverMount {
  /** Of the host. */
  readonly path: string
  /** Has the driver unmount it; never rejects, since its container is gone in any case. */
  release(): Promise<void>
}

// volumes/<name>/mounts/<container id> is there from before `mount` until after `unmount`, and locked by the process that has the container:
// containers of plugins' volumes end with it. One that nobody holds is left to be unmounted by whoever comes next.

/** Mounts it; what was begun by a process that was killed is finished first. */
export async function mountByDriver(
  context: VolumeContext,
  record: VolumeRecord,
  use: DriverUse,
): Promise<DriverMount> {
  const driver = requirePlugin(context, record)
  await unmountLeft(context, record)
  const file = join(await mountsOf(context, record.name), use.container)
  const lock = await context.locker.lock(file, 'exclusive', { signal: use.signal })
  let released: Promise<void> | undefined
  const release = () => {
    released ??= unmount({ driver, record, file, lock, container: use.container })
    return released
  }
  try {
    // From here on nobody removes it: whoever is about to sees the file, or we see what it wrote.
    const current = await getVolume(context, record.name)
    if (current.pending === 'remove') await resumeRemoval(current)
    if (current.pending === 'create') await finishCreation(context, current, driver)
    const volume = asDriverVolume(record)
    const path = await callDriver(record, 'mount', () => driver.mount(volume, use))
    await callDriver(record, 'mount', () => requireDirectory(path))
    return { path, release }
  } catch (error) {
    await release()
    throw error
  }
}

/** Whether some process has it mounted. */
export async function isMountedByDriver(context: VolumeContext, record: VolumeRecord): Promise<boolean> {
  await unmountLeft(context, record)
  return (await mountedIn(await mountsOf(context, record.name))).length > 0
}

/** Calls `create` of the driver, and notes that it has. */
export async function finishCreation(
  context: VolumeContext,
  record: VolumeRecord,
  driver: VolumeDriver,
): Promise<void> {
  await callDriver(record, 'make', () => driver.create(asDriverVolume(record)))
  await writeVolumeRecord(context, settled(record))
}

function requirePlugin(context: VolumeContext, record: VolumeRecord): VolumeDriver {
  const driver = driverOf(context, record)
  if (driver === undefined) throw new Error('the volume is no plugin’s')
  return driver
}

async function resumeRemoval({ name }: VolumeRecord): Promise<never> {
  throw new EngineError({
    code: 'ERR_VOLUME_NOT_FOUND',
    message: `the volume '${name}' is being removed`,
    object: name,
    hint: 'where the removal was cut off, remove it again',
  })
}

async function mountsOf(context: VolumeContext, name: string): Promise<string> {
  const path = (await context.paths()).volumeMounts(name)
  await fileStep('make directory', path, () => mkdir(path, { recursive: true, mode: 0o700 }))
  return path
}

function mountedIn(directory: string): Promise<readonly string[]> {
  return fileStep('list', directory, () => readdir(directory))
}

async function unmountLeft(context: VolumeContext, record: VolumeRecord): Promise<void> {
  const driver = requirePlugin(context, record)
  const directory = await mountsOf(context, record.name)
  for (const container of await mountedIn(directory)) {
    const file = join(directory, container)
    const lock = isId(container) ? await context.locker.tryLock(file, 'exclusive') : null
    if (lock) await unmount({ driver, record, file, lock, container })
  }
}

interface Mounted {
  readonly driver: VolumeDriver
  readonly record: VolumeRecord
  readonly file: string
  readonly lock: HeldLock
  readonly container: string
}

// A driver that fails here leaves the file, so that it is asked again by the next one who comes.
async function unmount({ driver, record, file, lock, container }: Mounted): Promise<void> {
  try {
    await callDriver(record, 'unmount', () => driver.unmount(asDriverVolume(record), { container }))
    await unlink(file)
  } catch (error) {
    if (!isMissing(error)) debugLog('unmount of volume %s failed: %o', record.name, error)
  } finally {
    await lock.release()
  }
}

async function requireDirectory(path: unknown): Promise<void> {
  if (typeof path !== 'string' || !isAbsolute(path))
    throw new Error(`it gave ${String(path)}, which is no absolute path`)
  if (!(await stat(path)).isDirectory()) throw new Error(`${path} is not a directory`)
}
