// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A small disk, and a way to leave no room on what it lies on. */
export interface SmallDisk {
  readonly path: string
  fill(): Promise<void>
  empty(): Promise<void>
  remove(): Promise<void>
}

// Whole pages until there is none.
const fillUp = async (path: string): Promise<void> => {
  const file = await open(path, 'w')
  try {
    for (;;) await file.write(Buffer.alloc(4096, 1))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  } finally {
    await file.close()
  }
}

// The supervisor lets go of its mounts a moment after its socket is gone.
const unmount = async (path: string, attempts = 50): Promise<void> => {
  try {
    await run('umount', [path])
  } catch (error) {
    if (attempts === 0) throw error
    await new Promise((resolve) => setTimeout(resolve, 100))
    await unmount(path, attempts - 1)
  }
}

/** One in memory: when it is full, calls fail with ENOSPC. */
export const diskInMemory = async (path: string, sizeMiB: number): Promise<SmallDisk> => {
  await mkdir(path)
  await run('mount', ['-t', 'tmpfs', '-o', `size=${sizeMiB}m,mode=755`, 'tmpfs', path])
  const filler = join(path, 'filler')
  return {
    path,
    fill: () => fillUp(filler),
    empty: () => rm(filler, { force: true }),
    remove: () => unmount(path),
  }
}

/** An ext4 in a file that grows in memory: where that is full, the device below has room for nothing more and answers EIO. */
export const diskThatBreaks = async (path: string, sizeMiB: number): Promise<SmallDisk> => {
  const below = await diskInMemory(`${path}-below`, sizeMiB)
  const file = join(below.path, 'disk')
  await run('truncate', ['-s', '256M', file])
  await run('mkfs.ext4', ['-q', '-O', '^has_journal', file])
  await mkdir(path)
  await run('mount', ['-o', 'loop', file, path])
  const remove = async () => {
    await unmount(path)
    await below.remove()
  }
  return { path, fill: below.fill, empty: below.empty, remove }
}
