// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto'
import { constants, type FileHandle, open, rename, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'

/** How a file is replaced. */
export interface WriteOptions {
  /** Permission bits; 0600 by default. */
  readonly mode?: number | undefined
  /** Whether it is on the disk, name and content, when the promise resolves; true by default. */
  readonly sync?: boolean | undefined
}

/** Replaces the file as a whole: a reader sees the old content or the new, whatever happens in between. */
export async function writeFileAtomic(
  path: string,
  data: string | Uint8Array,
  options: WriteOptions = {},
): Promise<void> {
  const sync = options.sync ?? true
  const temporary = `${path}.${randomBytes(8).toString('hex')}.tmp`
  const file = await open(temporary, 'wx', options.mode ?? 0o600)
  try {
    try {
      await file.writeFile(data)
      if (sync) await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await unlink(temporary).catch(() => {})
    throw error
  }
  if (sync) await syncDirectory(dirname(path))
}

/** Brings the names in a directory to the disk. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

/** What {@link readRegularFile} found instead of a file it may read. */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile'
}

/**
 * The bytes of a regular file of at most `limit` bytes, null if there is none. A symlink, FIFO, device or larger file
 * is an {@link UnreadableFile}, and opening never blocks on one.
 */
export async function readRegularFile(path: string, limit: number): Promise<Uint8Array | null> {
  let file: FileHandle
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return null
    if (code === 'ELOOP' || code === 'ENXIO')
      throw new UnreadableFile(`${path} is not a regular file`, { cause: error })
    throw error
  }
  try {
    const stat = await file.stat()
    if (!stat.isFile()) throw new UnreadableFile(`${path} is not a regular file`)
    if (stat.size > limit) throw new UnreadableFile(`${path} has ${stat.size} bytes, more than ${limit}`)
    return await file.readFile()
  } finally {
    await file.close()
  }
}
