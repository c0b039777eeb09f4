// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto'
import { readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileStep } from './store-failure.js'
import type { StorePaths } from './store-paths.js'

/** More than this stays only of those that were used last. */
const keptBytes = 4 * 1024 ** 3

/** Removes repositories that builds fetched: all of them, or those used longest ago of what is more than 4 GiB. Call it while nobody builds. */
export async function evictRepositories(paths: StorePaths, { all }: { readonly all: boolean }): Promise<void> {
  const names = await readdir(paths.repositories).catch(() => [])
  const found = await Promise.all(names.map((name) => measured(join(paths.repositories, name))))
  let bytes = 0
  for (const { path, size } of found.sort((a, b) => b.usedMs - a.usedMs)) {
    bytes += size
    if (all || bytes > keptBytes) await removeWhole(paths, path)
  }
}

// Half of one would be taken for one.
async function removeWhole(paths: StorePaths, path: string): Promise<void> {
  const aside = join(paths.tmp, `git-${randomBytes(12).toString('hex')}`)
  await fileStep('remove repository', path, async () => {
    await rename(path, aside)
    await rm(aside, { recursive: true, force: true })
  })
}

async function measured(path: string): Promise<{ path: string; usedMs: number; size: number }> {
  return await fileStep('measure repository', path, async () => {
    const { mtimeMs } = await stat(path)
    const entries = await readdir(path, { recursive: true, withFileTypes: true })
    const files = entries.filter((entry) => entry.isFile())
    const found = await Promise.all(files.map(({ parentPath, name }) => stat(join(parentPath, name))))
    return { path, usedMs: mtimeMs, size: found.reduce((sum, { size }) => sum + size, 0) }
  })
}
