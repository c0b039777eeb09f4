// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import type { UndoStack } from '../src/util/undo-stack.js'

const run = promisify(execFile)
const usual = '/var/tmp'
const imageBytes = 32 * 1024 ** 3

/** A directory for everything that a run of the bench writes, and a word on its file system where that is not just the usual one's. */
export interface BenchDisk {
  readonly directory: string
  /** The same on the usual file system, for what is large: what is synced through a loop device is written twice. */
  readonly bulk: string
  readonly remark?: string | undefined
}

/**
 * A fresh directory in `parent`; without one in /var/tmp. Where that lies on an ext4 without a journal, a file system of its own is
 * mounted there: without a journal, ext4 looks for an inode among all that were deleted in the last minutes (recently_deleted in
 * fs/ext4/ialloc.c), so that every start of a container pays for those that the bench removed before, several times its own cost.
 */
export async function openBenchDisk(parent: string | undefined, undo: UndoStack): Promise<BenchDisk> {
  const directory = await mkdtemp(join(parent ?? usual, 'tscontainer-bench-'))
  undo.push('make directory', () => rm(directory, { recursive: true, force: true }))
  if (parent !== undefined || process.getuid?.() !== 0 || !(await isExt4WithoutJournal(directory)))
    return { directory, bulk: directory }
  const [image, mounted] = [join(directory, 'disk.img'), join(directory, 'disk')]
  await mkdir(mounted)
  await run('truncate', ['-s', String(imageBytes), image])
  await run('mkfs.ext4', ['-q', image])
  await run('mount', ['-o', 'loop', image, mounted])
  undo.push('mount', async () => void (await run('umount', ['--lazy', mounted])))
  return {
    directory: mounted,
    bulk: directory,
    remark: `${usual} is an ext4 without a journal: measured on one with, by a loop device`,
  }
}

/** Whether a path lies on ext4 and jbd2 knows no journal of its device. */
async function isExt4WithoutJournal(path: string): Promise<boolean> {
  const { dev } = await stat(path)
  const number = `${Math.floor(dev / 256)}:${dev % 256}`
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').map((line) => line.split(' '))
  const mount = mounts.find((fields) => fields[2] === number)
  const [type, source] = mount?.slice(mount.indexOf('-') + 1) ?? []
  if (type !== 'ext4' || source === undefined) return false
  const journals = await readdir('/proc/fs/jbd2').catch(() => [])
  return !journals.some((name) => name.startsWith(`${basename(source)}-`))
}
