// SPDX-License-Identifier: Apache-2.0
import { mkdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { EngineError } from '../errors/engine-error.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import { nativeError } from '../errors/native-failure.js'
import { quoted } from '../errors/printable.js'
import { type OwnedDescriptor, openDirectory } from '../native/descriptor.js'

/** A directory of the host; and where it is about one file in it, its name. */
export interface HostPlace {
  readonly directory: OwnedDescriptor
  readonly leaf: string | undefined
}

/** Refuses what is no path of the host. */
export function checkHostPath(path: unknown, option: string): asserts path is string {
  if (typeof path !== 'string' || path === '' || path.includes('\0'))
    throw invalidArgument(option, `${quoted(path)} is not a path`)
}

/** What is to be copied into a container: a directory, or a file in one. */
export async function openHostSource(path: string): Promise<HostPlace> {
  return await onHost(path, async () => {
    const real = await realpath(path)
    const found = await stat(real)
    if (found.isDirectory()) return { directory: openDirectory(real), leaf: undefined }
    if (!found.isFile()) throw invalidArgument('source', `${quoted(path, 300)} is neither a file nor a directory`)
    return { directory: openDirectory(dirname(real)), leaf: basename(real) }
  })
}

/** Where something is to be copied to: a directory, which is made if need be, or a file of that name. */
export async function openHostTarget(path: string, name: string | undefined): Promise<HostPlace> {
  return await onHost(path, async () => {
    const there = await stat(path).catch(() => undefined)
    if (name === undefined) {
      if (!there) await mkdir(path, { recursive: true })
      return { directory: openDirectory(path), leaf: undefined }
    }
    if (there?.isDirectory() || path.endsWith('/')) return { directory: openDirectory(path), leaf: name }
    return { directory: openDirectory(dirname(path)), leaf: basename(path) }
  })
}

async function onHost<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    if (EngineError.is(error, 'ERR_INVALID_ARGUMENT')) throw error
    const { code, errno } = error as { readonly code?: string; readonly errno?: unknown }
    const name = typeof errno === 'string' ? errno : code
    if (name === undefined) throw error
    throw nativeError({ step: 'open host file', errno: name, object: path })
  }
}
