// SPDX-License-Identifier: Apache-2.0
import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import type { DeviceSpec } from '../oci/runtime-spec-linux.js'
import { type BlockDevices, ioDevices } from './block-io.js'
import type { ContainerOptions } from './container-options.js'
import { mountTarget } from './mount-checks.js'

/** A device, and what of it can be used. */
export type HostDevice = DeviceSpec & { readonly access: string }

/** What the options name on the host, looked up. */
export interface HostDevices {
  readonly devices: readonly HostDevice[]
  readonly block: BlockDevices
}

const none: HostDevices = { devices: [], block: new Map() }

/** Looks up the devices of `devices` and `io`. One that is no device is ERR_INVALID_ARGUMENT naming the option. */
export async function lookUpDevices(options: Pick<ContainerOptions, 'devices' | 'io'>): Promise<HostDevices> {
  const io = ioDevices(options.io)
  if (!options.devices?.length && io.length === 0) return none
  const devices = await Promise.all((options.devices ?? []).map(lookUpDevice))
  const block = await Promise.all(
    io.map(async (path) => [path, numbers((await status(path, `io.${path}`, 'block')).rdev)] as const),
  )
  return { devices, block: new Map(block) }
}

async function lookUpDevice(
  device: NonNullable<ContainerOptions['devices']>[number],
  index: number,
): Promise<HostDevice> {
  const { source, target, permissions = 'rwm' } = typeof device === 'string' ? { source: device } : device
  const option = `devices[${index}]`
  const path = mountTarget(target ?? source)
  if (!/^\/dev\/(?!(pts|shm|mqueue)(\/|$))[^/]/.test(path) || path.split('/').includes('..')) {
    throw invalidArgument(option, `${quoted(path)} is not a place below /dev`)
  }
  const found = await status(source, option, 'any')
  return {
    path,
    type: found.isBlockDevice() ? 'b' : 'c',
    ...numbers(found.rdev),
    fileMode: found.mode & 0o777,
    uid: 0,
    gid: 0,
    access: permissions,
  }
}

async function status(path: string, option: string, kind: 'any' | 'block'): Promise<Stats> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw invalidArgument(option, `${quoted(path)} cannot be looked up: ${error.code}`)
  })
  if (found.isBlockDevice() || (kind === 'any' && found.isCharacterDevice())) return found
  throw invalidArgument(option, `${quoted(path)} is not a ${kind === 'any' ? '' : 'block '}device`)
}

// glibc's makedev: the low and the high bits of both numbers are interleaved.
function numbers(device: number): { readonly major: number; readonly minor: number } {
  const value = BigInt(device)
  return {
    major: Number(((value >> 8n) & 0xfffn) | ((value >> 32n) & 0xfffff000n)),
    minor: Number((value & 0xffn) | ((value >> 12n) & 0xffffff00n)),
  }
}
