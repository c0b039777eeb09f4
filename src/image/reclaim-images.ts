// SPDX-License-Identifier: Apache-2.0
import { readdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { sweepStaging } from '../layer/layer-staging.js'
import { fileStep } from '../store/store-failure.js'
import { isAddingMark } from './adding-mark.js'
import type { ImageContext } from './image-context.js'
import { abandonedPulls } from './pull-abandoned.js'
import { collectNow } from './remove-image.js'

/**
 * Removes what a process that was killed left of an import or a load: temporary files, and content that never got a name. For the
 * opening of an engine; two directory listings where there is nothing. Does nothing while others are adding content. What an interrupted
 * pull left stays for a day, for the next pull to go on from.
 */
export async function reclaimImages(context: ImageContext): Promise<void> {
  await sweepStaging(context)
  const { paths } = context.store
  const list = () => fileStep('list', paths.cache, () => readdir(paths.cache))
  const names = await list()
  const abandoned = await abandonedPulls(context, names)
  if (abandoned.length === 0 && !names.some(isAddingMark)) return
  const alone = await context.locker.tryLock(paths.lock('garbage'), 'exclusive')
  if (alone === null) return
  // Whoever is alive holds a lease as long as its mark is there: under this lock every mark is a dead one's.
  const marks = (await list().finally(() => alone.release())).filter(isAddingMark)
  if ((await collectNow(context)) === undefined) return
  for (const mark of [...marks, ...abandoned]) await unlink(join(paths.cache, mark)).catch(() => {})
}
