// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import type { VolumeContext } from './volume-context.js'
import type { DriverVolume, VolumeDriver } from './volume-driver.js'
import { localDriver, type VolumeRecord } from './volume-record.js'

/** The plugin of a volume; undefined for the driver of the store. ERR_VOLUME_DRIVER where this engine has none of that name. */
export function driverOf({ drivers }: VolumeContext, { name, driver }: VolumeRecord): VolumeDriver | undefined {
  if (driver === localDriver) return undefined
  const found = drivers.get(driver)
  if (found) return found
  throw new EngineError({
    code: 'ERR_VOLUME_DRIVER',
    message: `the volume ${quoted(name)} needs the driver ${quoted(driver)}, which is not among the plugins of this engine`,
    object: name,
    hint: `Engine.open({ plugins: { volumes: { ${quoted(driver)}: … } } })`,
  })
}

/** Refuses a name that is neither `local` nor a plugin's. */
export function requireDriver({ drivers }: VolumeContext, driver: string): void {
  if (driver === localDriver || drivers.has(driver)) return
  const known = [localDriver, ...drivers.keys()].join(', ')
  throw invalidArgument('driver', `there is no volume driver ${quoted(driver)}`, `known are: ${known}`)
}

/** Has a driver do something; what it throws is the cause of an ERR_VOLUME_DRIVER. */
export async function callDriver<T>(
  { name, driver }: VolumeRecord,
  action: string,
  work: () => Promise<T> | T,
): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (EngineError.is(cause, 'ERR_VOLUME_DRIVER')) throw cause
    throw new EngineError({
      code: 'ERR_VOLUME_DRIVER',
      message: `the volume driver ${quoted(driver)} could not ${action} ${quoted(name)}: ${String(cause instanceof Error ? cause.message : cause)}`,
      object: name,
      cause,
    })
  }
}

export function asDriverVolume({ name, options, labels }: VolumeRecord): DriverVolume {
  return { name, options, labels }
}
