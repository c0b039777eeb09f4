// SPDX-License-Identifier: Apache-2.0
import type { ContainerOptions } from 'tscontainer'
import type { ServiceModel } from '../model/service-model.js'

interface DeviceEntry {
  readonly path: string
  readonly rate?: number
  readonly weight?: number
}

/** `blkio_config` as the engine has it: by the device's path. */
export function blockIoLimits(config: ServiceModel['blkio_config']): ContainerOptions['io'] {
  if (config === undefined) return undefined
  const byPath = (key: string, value: 'rate' | 'weight') => {
    const entries = (config[key] as readonly DeviceEntry[] | undefined)?.map((entry) => [entry.path, entry[value] ?? 0])
    return entries && entries.length > 0 ? Object.fromEntries(entries) : undefined
  }
  const limits = {
    weight: (config.weight as number | undefined) || undefined,
    weights: byPath('weight_device', 'weight'),
    readBps: byPath('device_read_bps', 'rate'),
    writeBps: byPath('device_write_bps', 'rate'),
    readIops: byPath('device_read_iops', 'rate'),
    writeIops: byPath('device_write_iops', 'rate'),
  }
  const given = Object.entries(limits).filter(([, value]) => value !== undefined)
  return given.length > 0 ? Object.fromEntries(given) : undefined
}
