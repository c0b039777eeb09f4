// SPDX-License-Identifier: Apache-2.0
import { chmod, mkdir, readdir, realpath, rename, stat, unlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { EngineError } from '../errors/engine-error.js'
import { checkLayoutHeader, layoutHeader } from '../oci/layout.js'
import { readRegularFile, UnreadableFile, writeFileAtomic } from '../util/atomic-file.js'
import { fileStep } from './store-failure.js'
import { StorePaths } from './store-paths.js'

/** The version of the layout below the root; another one is refused. */
export const storeVersion = '1'

const directories = [
  'blobs/sha256',
  'blobs/sha512',
  'layers',
  'containers',
  'names',
  'volumes',
  'networks',
  'builds/records',
  'builds/aliases',
  'builds/blobs',
  'builds/reports',
  'cache',
  'cache/git',
  'tmp',
  'trash',
  'locks',
]

/** Makes the root, private to its owner, and the directories in it. Doing it again does nothing. */
export async function makeDirectories(root: string): Promise<StorePaths> {
  return await fileStep('make store directory', root, async () => {
    await mkdir(root, { recursive: true, mode: 0o700 })
    const real = await realpath(root)
    const { uid, mode } = await stat(real)
    if (uid !== process.geteuid?.()) {
      throw new EngineError({
        code: 'ERR_PERMISSION',
        message: `${real} belongs to user ${uid}`,
        object: real,
        hint: 'set TSCONTAINER_ROOT to a directory of your own',
      })
    }
    if ((mode & 0o777) !== 0o700) await chmod(real, 0o700)
    for (const name of directories) await mkdir(join(real, name), { recursive: true, mode: 0o700 })
    return new StorePaths(real)
  })
}

/** Writes the version and the OCI layout header; call it holding the store's lock. */
export async function markLayout(paths: StorePaths): Promise<void> {
  const version = await readSmallFile(paths.version)
  if (version === null || version.trim() === '') await writeFileAtomic(paths.version, `${storeVersion}\n`)
  else if (version.trim() !== storeVersion) {
    throw new EngineError({
      code: 'ERR_UNSUPPORTED',
      message: `${paths.root} is a store of version ${version.trim().slice(0, 20)}, this is version ${storeVersion}`,
      object: paths.version,
      hint: 'use the tscontainer that made it, or set TSCONTAINER_ROOT to another directory',
    })
  }
  const header = await readSmallFile(paths.layout)
  if (header === null || !isLayoutHeader(header)) await writeFileAtomic(paths.layout, layoutHeader)
}

/** What lies in the root of files that are being replaced, or were when their process was killed. */
export async function leftReplacements(paths: StorePaths): Promise<readonly string[]> {
  const names = await fileStep('list', paths.root, () => readdir(paths.root))
  return names.filter((name) => /\.[0-9a-f]{16}\.tmp$/.test(name)).map((name) => join(paths.root, name))
}

/** Removes them; call it holding the locks of the store and of index.json, under which nobody is replacing anything. */
export async function removeReplacements(left: readonly string[]): Promise<void> {
  for (const path of left) await unlink(path).catch(() => {})
}

/** Puts a damaged file aside, where nobody reads it but people can; returns its new path. */
export async function quarantine(paths: StorePaths, file: string): Promise<string> {
  const aside = join(paths.root, `${basename(file)}.damaged-${new Date().toISOString().replace(/[:.]/g, '-')}`)
  await fileStep('put aside', file, () => rename(file, aside))
  return aside
}

function isLayoutHeader(text: string): boolean {
  try {
    checkLayoutHeader(text)
    return true
  } catch {
    return false
  }
}

// What is no regular file is replaced like a damaged one: rename(2) does not follow it.
async function readSmallFile(path: string): Promise<string | null> {
  try {
    const data = await fileStep('read', path, () => readRegularFile(path, 4096))
    return data && Buffer.from(data).toString()
  } catch (error) {
    if (error instanceof UnreadableFile) return null
    throw error
  }
}
