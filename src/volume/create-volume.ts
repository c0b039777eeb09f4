// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import { parseByteSize } from '../util/byte-size.js'
import { randomId } from '../util/random-id.js'
import { checkOptions } from '../util/validate.js'
import { driverOf, requireDriver } from './call-driver.js'
import { finishCreation } from './driver-mounts.js'
import { parseLocalOptions } from './local-options.js'
import { dropVolume } from './remove-volume.js'
import type { VolumeContext } from './volume-context.js'
import { createVolumeShape, type VolumeCreateOptions } from './volume-options.js'
import { localDriver, type VolumeRecord } from './volume-record.js'
import { settled } from './write-record.js'

// Below it not even an empty directory would fit.
const leastBytes = 64 * 1024

/** A record for a volume that is to be made. */
export function newVolumeRecord(fields: Pick<VolumeRecord, 'name'> & Partial<VolumeRecord>): VolumeRecord {
  return {
    version: 1,
    driver: localDriver,
    labels: {},
    options: {},
    createdAt: new Date().toISOString(),
    anonymous: false,
    ...fields,
  }
}

/** Makes one. ERR_NAME_IN_USE where there is one of that name, of whatever process; ERR_VOLUME_DRIVER where its driver fails. */
export async function createVolume(context: VolumeContext, options: VolumeCreateOptions = {}): Promise<VolumeRecord> {
  checkOptions<VolumeCreateOptions>(options, createVolumeShape)
  const { name = randomId(), labels = {}, driver = localDriver, signal } = options
  requireDriver(context, driver)
  const own = { ...options.options }
  if (driver === localDriver) parseLocalOptions(own)
  signal?.throwIfAborted()
  const sizeBytes = await sizeOf(context, options)
  const record = newVolumeRecord({
    name,
    driver,
    labels: { ...labels },
    options: own,
    anonymous: options.name === undefined,
    ...(sizeBytes !== undefined && { sizeBytes }),
    ...(driver !== localDriver && { pending: 'create' }),
  })
  const connection = await context.connection()
  const failure = { doing: `make volume '${name}'` }
  await connection.request('volume.create', { name, record, quota: sizeBytes }, { failure })
  await makeByDriver(context, record)
  context.publish({ type: 'volume', action: 'create', object: name })
  return settled(record)
}

async function makeByDriver(context: VolumeContext, record: VolumeRecord): Promise<void> {
  const plugin = driverOf(context, record)
  if (plugin === undefined) return
  try {
    await finishCreation(context, record, plugin)
  } catch (error) {
    await dropVolume(context, record.name)
    throw error
  }
}

async function sizeOf(context: VolumeContext, options: VolumeCreateOptions): Promise<number | undefined> {
  const { size, driver = localDriver, options: own = {} } = options
  if (size === undefined) return undefined
  const bytes = parseByteSize(size, 'size')
  if (bytes < leastBytes) throw invalidArgument('size', `${bytes} bytes are too few`, 'at least 64k')
  if (driver !== localDriver || Object.keys(own).length > 0)
    throw unsupported(
      'what the volume is kept in is not the store’s to limit',
      'give the limit to the driver, as one of its options',
    )
  if ((await context.host()).diskQuotas) return bytes
  throw unsupported(
    'the file system of the engine’s root holds no limits for directories',
    'as root, put the engine’s root on ext4 made with `mkfs.ext4 -O quota,project` or on xfs, mounted with `-o prjquota`, ' +
      "under a kernel with CONFIG_QFMT_V2 or CONFIG_XFS_QUOTA; or keep it in memory: options: { type: 'tmpfs', o: 'size=64m' }",
  )
}

function unsupported(problem: string, hint: string): EngineError {
  return new EngineError({ code: 'ERR_LIMIT_UNSUPPORTED', message: `size: ${problem}`, option: 'size', hint })
}
