// SPDX-License-Identifier: Apache-2.0
import { open } from 'node:fs/promises'
import { EngineError } from '../errors/engine-error.js'
import { quoted } from '../errors/printable.js'
import { storeFailure } from '../store/store-failure.js'
import type { BuildContext } from './context/build-context.js'
import { findInContext } from './context/find-in-context.js'

/**
 * A file of a context, whole; null if it is not there, is no file, or lies outside. Of more than `maxBytes` one more is read, so that whoever
 * minds sees it. ERR_PERMISSION where this process may not read it.
 */
export async function readContextFile(context: BuildContext, path: string, maxBytes: number): Promise<Buffer | null> {
  return await allowed(context, path, async () => {
    const found = await findInContext(context, path)
    if (!found) return null
    try {
      const { size, isFile } = await found.stat().then((stat) => ({ size: stat.size, isFile: stat.isFile() }))
      return isFile ? await readStart(`/proc/self/fd/${found.fd}`, Math.min(size, maxBytes + 1)) : null
    } finally {
      await found.close()
    }
  })
}

async function readStart(path: string, length: number): Promise<Buffer> {
  const file = await open(path)
  try {
    const buffer = Buffer.alloc(length)
    const { bytesRead } = await file.read(buffer, 0, length, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

async function allowed<T>(context: BuildContext, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EACCES' && code !== 'EPERM') throw storeFailure(error, 'read', path)
    throw new EngineError({
      code: 'ERR_PERMISSION',
      message: `${quoted(path, 300)} of the context ${quoted(context.name, 300)} may not be read`,
      hint: 'give this user the right to read it',
      errno: code,
      object: path,
      cause: error,
    })
  }
}
