// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import { parseByteSize } from '../util/byte-size.js'
import { randomId } from '../util/random-id.js'
import { checkOptions } from '../util/validate.js'
import type { VolumeContext } from './volume-context.js'
import { createVolumeShape, type VolumeCreateOptions } from './volume-options.js'
import { localDriver, type VolumeRecord } from './volume-record.js'

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

/** Makes one. ERR_NAME_IN_USE where there is one of that name, of whatever process. */
export async function createVolume(context: VolumeContext, options: VolumeCreateOptions = {}): Promise<VolumeRecord> {
  checkOptions<VolumeCreateOptions>(options, createVolumeShape)
  const { name = randomId(), labels = {}, size, signal } = options
  signal?.throwIfAborted()
  const sizeBytes = await sizeOf(context, size)
  const anonymous = options.name === undefined
  const record = newVolumeRecord({
    name,
    labels: { ...labels },
    anonymous,
    ...(sizeBytes !== undefined && { sizeBytes }),
  })
  const connection = await context.connection()
  const failure = { doing: `make volume '${name}'` }
  await connection.request('volume.create', { name, record, quota: sizeBytes }, { failure })
  context.publish({ type: 'volume', action: 'create', object: name })
  return record
}

async function sizeOf(context: VolumeContext, size: VolumeCreateOptions['size']): Promise<number | undefined> {
  if (size === undefined) return undefined
  const bytes = parseByteSize(size, 'size')
  if (bytes < leastBytes) throw invalidArgument('size', `${bytes} bytes are too few`, 'at least 64k')
  if ((await context.host()).diskQuotas) return bytes
  throw new EngineError({
    code: 'ERR_LIMIT_UNSUPPORTED',
    message: 'size: the file system of the engine’s root holds no limits for directories',
    option: 'size',
    hint:
      'as root, put the engine’s root on ext4 made with `mkfs.ext4 -O quota,project` or on xfs, mounted with `-o prjquota`, ' +
      'under a kernel with CONFIG_QFMT_V2 or CONFIG_XFS_QUOTA; a tmpfs mount with a size limits one directory anywhere',
  })
}
