// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:fs'
import { open, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import type { BuildContext } from './context/build-context.js'

const maxBytes = 16 * 1024 * 1024

/** A file of a context, whole; null if it is not there, is no file, or lies outside. */
export async function readContextFile({ root }: BuildContext, path: string): Promise<Buffer | null> {
  const base = await realpath(`/proc/self/fd/${root.fd}`)
  try {
    // Resolved first, then opened without following anything: a link out of the context is not followed.
    const real = await realpath(join(base, path))
    if (!real.startsWith(base === '/' ? base : `${base}/`)) return null
    const file = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const { size, isFile } = await file.stat().then((stat) => ({ size: stat.size, isFile: stat.isFile() }))
      if (!isFile) return null
      const buffer = Buffer.alloc(Math.min(size, maxBytes + 1))
      const { bytesRead } = await file.read(buffer, 0, buffer.length, 0)
      return buffer.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return null
    throw error
  }
}
