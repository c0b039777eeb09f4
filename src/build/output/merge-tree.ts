// SPDX-License-Identifier: Apache-2.0
import { constants, type Stats } from 'node:fs'
import { chmod, type FileHandle, lstat, open, readdir, rename, unlink, utimes } from 'node:fs/promises'
import { EngineError } from '../../errors/engine-error.js'
import { quoted } from '../../errors/printable.js'

/** Two directories that are held, and how the one that is written into is called. */
interface Places {
  readonly from: FileHandle
  readonly to: FileHandle
  readonly path: string
}

/**
 * Moves everything in a directory into another one on the same file system. Directories merge, other things are replaced, each by one rename.
 * Links in the target are never followed: they are replaced as well. ERR_FILE_TYPE, before anything is moved, where a directory of the
 * target would have to go for something else.
 */
export async function mergeTree(places: Places, signal: AbortSignal): Promise<void> {
  await eachEntry(places, async (entry) => {
    signal.throwIfAborted()
    if (entry.there?.isDirectory() && !entry.stat.isDirectory()) throw inTheWay(entry.path)
    return entry.there?.isDirectory() === true
  })
  // What was begun is finished: half of it would be worse.
  await eachEntry(places, moveEntry, async ({ to }, { mode, atime, mtime }) => {
    await to.chmod(mode & permissions)
    await to.utimes(atime, mtime)
  })
}

const permissions = 0o777
const directoryFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW
const ownerWrites = 0o200

interface Entry {
  readonly source: Buffer
  readonly target: Buffer
  readonly path: string
  readonly stat: Stats
  readonly there: Stats | null
}

// `visit` says whether there is a directory on both sides to go on in; `leave` is called when that was done.
async function eachEntry(
  places: Places,
  visit: (entry: Entry) => Promise<boolean>,
  leave?: (below: Places, stat: Stats) => Promise<void>,
): Promise<void> {
  const { from, to, path } = places
  for (const name of await readdir(`/proc/self/fd/${from.fd}`, { encoding: 'buffer' })) {
    const source = at(from, name)
    const target = at(to, name)
    const [stat, there] = await Promise.all([lstat(source), lstat(target).catch(ifMissing)])
    const entry = { source, target, path: `${path}/${name}`, stat, there }
    if (!(await visit(entry))) continue
    const below = { from: await open(source, directoryFlags), to: await open(target, directoryFlags), path: entry.path }
    try {
      await eachEntry(below, visit, leave)
      await leave?.(below, stat)
    } finally {
      await below.from.close()
      await below.to.close()
    }
  }
}

async function moveEntry({ source, target, stat, there }: Entry): Promise<boolean> {
  if (!stat.isDirectory()) {
    await rename(source, target)
    return false
  }
  if (there?.isDirectory()) return true
  if (there !== null) await unlink(target)
  // A directory changes its parent, for which its owner has to be allowed to write into it.
  const isLocked = (stat.mode & ownerWrites) === 0
  if (isLocked) await chmod(source, (stat.mode & permissions) | ownerWrites)
  await rename(source, target)
  if (isLocked) await chmod(target, stat.mode & permissions)
  await utimes(target, stat.atime, stat.mtime)
  return false
}

// A name in a directory that is held, whatever happens to the path of that.
function at(directory: FileHandle, name: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`/proc/self/fd/${directory.fd}/`), name])
}

function ifMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null
  throw error
}

function inTheWay(path: string): EngineError {
  return new EngineError({
    code: 'ERR_FILE_TYPE',
    message: `${quoted(path, 300)} is a directory, and something else in the result of the build`,
    object: path,
    errno: 'EISDIR',
    hint: 'remove it, or write the result elsewhere',
  })
}
