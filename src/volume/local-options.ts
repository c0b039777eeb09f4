// SPDX-License-Identifier: Apache-2.0

import { EngineError } from '../errors/engine-error.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import type { VolumeFileSystemMessage } from '../native/create-message.js'

/** What a volume of the local driver is. */
export type LocalKind =
  /** A directory of the store. */
  | { readonly kind: 'directory' }
  /** A directory of the host. */
  | { readonly kind: 'bind'; readonly device: string; readonly recursive: boolean; readonly readonly: boolean }
  /** Mounted while containers have it. */
  | { readonly kind: 'file system'; readonly fileSystem: VolumeFileSystemMessage; readonly readonly: boolean }

const keys = ['type', 'device', 'o']
// Of mount(8). What is not here is the file system's.
const flags = ['rw', 'ro', 'nosuid', 'nodev', 'noexec', 'exec', 'relatime', 'noatime', 'defaults']
const tmpfsKeys = ['size', 'mode', 'uid', 'gid', 'nr_inodes', 'nr_blocks', 'noswap', 'inode32', 'inode64', 'huge']

/**
 * The options `type`, `device` and `o` of Docker's local driver. ERR_INVALID_ARGUMENT, ERR_UNSUPPORTED for file systems other than tmpfs, nfs
 * and what is bound. Nosuid and nodev hold in any case.
 */
export function parseLocalOptions(options: Readonly<Record<string, string>>): LocalKind {
  const unknown = Object.keys(options).find((key) => !keys.includes(key))
  if (unknown !== undefined)
    throw invalidArgument(`options.${unknown}`, 'unknown option of the local driver', `known are: ${keys.join(', ')}`)
  const { type, device, o = '' } = options
  const given = o.split(',').filter((option) => option !== '')
  const bound = given.some((option) => option === 'bind' || option === 'rbind') || type === 'bind'
  if (type === undefined && device === undefined && given.length === 0) return { kind: 'directory' }
  if (bound) return bind({ type, device, given })
  if (type === 'tmpfs') return fileSystem('tmpfs', tmpfs(given), given)
  if (type === 'nfs' || type === 'nfs4') return fileSystem(type, nfs(device, given), given)
  throw new EngineError({
    code: type === undefined || type === 'none' ? 'ERR_INVALID_ARGUMENT' : 'ERR_UNSUPPORTED',
    message: `options.type: ${type === undefined ? 'is required' : `volumes of type ${quoted(type)} are not supported`}`,
    option: 'options.type',
    hint: "type: 'tmpfs', type: 'nfs', or o: 'bind' with a device",
  })
}

interface Given {
  readonly type: string | undefined
  readonly device: string | undefined
  readonly given: readonly string[]
}

function bind({ type, device, given }: Given): LocalKind {
  if (type !== undefined && type !== 'none' && type !== 'bind')
    throw invalidArgument('options.type', `${quoted(type)} cannot be bound`, "type: 'none'")
  if (device === undefined || !device.startsWith('/') || device.includes('\0'))
    throw invalidArgument('options.device', `expected an absolute path, got ${quoted(device)}`)
  const others = given.find((option) => !['bind', 'rbind', 'rw', 'ro', 'nosuid', 'nodev'].includes(option))
  if (others !== undefined) throw invalidArgument('options.o', `${quoted(others)} means nothing for a bind`)
  return { kind: 'bind', device, recursive: given.includes('rbind'), readonly: given.includes('ro') }
}

function fileSystem(type: string, options: readonly string[], given: readonly string[]): LocalKind {
  return { kind: 'file system', fileSystem: { type, options }, readonly: given.includes('ro') }
}

function own(given: readonly string[]): readonly string[] {
  const unhonoured = given.find((option) => ['noexec', 'exec', 'noatime'].includes(option))
  if (unhonoured !== undefined) throw invalidArgument('options.o', `${quoted(unhonoured)} is not supported`)
  return given.filter((option) => !flags.includes(option))
}

function tmpfs(given: readonly string[]): readonly string[] {
  const options = own(given)
  const unknown = options.find((option) => !tmpfsKeys.includes(option.split('=', 1)[0] ?? ''))
  if (unknown !== undefined) throw invalidArgument('options.o', `${quoted(unknown)} is no option of tmpfs`)
  return options
}

// The kernel resolves no names: that is what mount.nfs(8) is for.
function nfs(device: string | undefined, given: readonly string[]): readonly string[] {
  const options = own(given)
  if (device === undefined || !/^[^\0]*:\/[^\0]*$/.test(device))
    throw invalidArgument('options.device', `expected a path such as ':/export', got ${quoted(device)}`)
  if (!options.some((option) => option.startsWith('addr=')))
    throw invalidArgument('options.o', 'the address of the server is missing', "o: 'addr=192.0.2.1,vers=4'")
  return [`source=${device}`, ...options]
}
