// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:fs'
import { type FileHandle, open, readlink } from 'node:fs/promises'
import type { BuildContext } from './build-context.js'

// O_PATH, which Node does not name: nothing is opened that might mind, as a device or a FIFO would.
const location = 0o10000000 | constants.O_NOFOLLOW
const maxLinks = 40
// EINVAL: what was a link is none any more.
const nothing: readonly unknown[] = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'EINVAL']

/**
 * What the path leads to in the context, as a mere location (it can be asked what it is, and opened anew by `/proc/self/fd`), as if the
 * context's directory were the root of everything: neither `..` nor a link leaves it, whatever is exchanged meanwhile, since every name is looked
 * up in a directory that is held. Null where there is nothing, or links go in circles. The caller closes it.
 */
export async function findInContext({ root }: BuildContext, path: string): Promise<FileHandle | null> {
  const held: FileHandle[] = []
  const here = () => `/proc/self/fd/${held.at(-1)?.fd ?? root.fd}`
  const names = path.split('/').reverse()
  let links = 0
  try {
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      if (name === '..') await held.pop()?.close()
      if (name === '' || name === '.' || name === '..') continue
      const found = await open(`${here()}/${name}`, location)
      if (!(await found.stat()).isSymbolicLink()) {
        held.push(found)
        continue
      }
      await found.close()
      if (++links > maxLinks) return null
      const target = await readlink(`${here()}/${name}`)
      if (target.startsWith('/')) for (const directory of held.splice(0)) await directory.close()
      names.push(...target.split('/').reverse())
    }
    return held.pop() ?? (await open(here(), location & ~constants.O_NOFOLLOW))
  } catch (error) {
    if (nothing.includes((error as NodeJS.ErrnoException).code)) return null
    throw error
  } finally {
    for (const directory of held) await directory.close()
  }
}
