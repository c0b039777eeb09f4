// SPDX-License-Identifier: Apache-2.0
import { constants, type FileHandle, open, readdir, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { type Digest, digestParts } from '../oci/digest.js'
import { fileStep, isMissing } from '../store/store-failure.js'
import type { StorePaths } from '../store/store-paths.js'

const prefix = 'partial-'

/** The part of a blob that has come, in a file that outlives its process. In cache/, since each new supervisor empties tmp/. */
export interface PartialBlob {
  readonly path: string
  readonly file: FileHandle
  /** Bytes that were there already. */
  readonly offset: number
}

/** Opens what there is of the blob, or a new file. The caller holds the blob's lock, and closes the file. */
export async function openPartial(
  paths: StorePaths,
  { digest, size }: { readonly digest: Digest; readonly size: number },
): Promise<PartialBlob> {
  const path = partialPath(paths, digest)
  return await fileStep('open partial blob', path, async () => {
    const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o644)
    try {
      const offset = (await file.stat()).size
      if (offset <= size) return { path, file, offset }
      await file.truncate(0)
      return { path, file, offset: 0 }
    } catch (error) {
      await file.close()
      throw error
    }
  })
}

/** Throws away what there is of a blob. */
export async function removePartial(paths: StorePaths, digest: Digest): Promise<void> {
  const path = partialPath(paths, digest)
  await fileStep('remove partial blob', path, async () => {
    await unlink(path).catch((error) => {
      if (!isMissing(error)) throw error
    })
  })
}

/** Throws away all parts of blobs; whoever calls knows that nobody is pulling. Returns the bytes. */
export async function sweepPartials(paths: StorePaths): Promise<number> {
  let freed = 0
  const names = await fileStep('list', paths.cache, () => readdir(paths.cache))
  for (const name of names.filter(isPartial)) {
    const path = join(paths.cache, name)
    const found = await stat(path).catch(() => null)
    if (found === null) continue
    await unlink(path).catch(() => {})
    freed += found.size
  }
  return freed
}

/** Whether a file of cache/ is a part of a blob. */
export function isPartial(name: string): boolean {
  return name.startsWith(prefix)
}

function partialPath(paths: StorePaths, digest: Digest): string {
  const { algorithm, hex } = digestParts(digest)
  return join(paths.cache, `${prefix}${algorithm}-${hex}`)
}
