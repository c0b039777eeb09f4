// SPDX-License-Identifier: Apache-2.0
import { unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stagingName } from '../layer/layer-staging.js'
import type { Store } from '../store/store.js'
import { fileStep } from '../store/store-failure.js'

const prefix = 'adding'

/** A file that says that content is being added which has no name yet; the returned function removes it. */
export async function markAdding(store: Store): Promise<() => Promise<void>> {
  return await markContent(store, prefix)
}

/** The same under another name. */
export async function markContent(store: Store, prefix: string): Promise<() => Promise<void>> {
  const path = join(store.paths.cache, stagingName(prefix))
  await fileStep('mark content', path, () => writeFile(path, '', { mode: 0o600 }))
  return () => fileStep('mark content', path, () => unlink(path))
}

/** Whether a file in cache/ is such a mark. */
export function isAddingMark(name: string): boolean {
  return name.startsWith(`${prefix}-`)
}
