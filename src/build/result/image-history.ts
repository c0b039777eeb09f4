// SPDX-License-Identifier: Apache-2.0
import type { HistoryEntry } from '../../oci/image-config.js'
import { epochTime } from '../graph/epoch-time.js'
import type { BuiltLayer } from '../solver/work.js'

/** The history of a built image, one entry for each layer, with times; and when the image was made. */
export interface BuiltHistory {
  readonly history: readonly HistoryEntry[]
  readonly created: string | undefined
}

/**
 * Fits what instructions said of themselves to the layers there are: entries without a time of their own have the one of the layer that
 * they made, others that of the one before. So the same layers make the same image, whenever it is put together.
 */
export function fitHistory(
  entries: readonly HistoryEntry[],
  layers: readonly BuiltLayer[],
  epoch?: number,
): BuiltHistory {
  const history: HistoryEntry[] = []
  const given = epoch === undefined ? undefined : epochTime(epoch)
  let next = 0
  let last = given ?? layers.find(({ createdAt }) => createdAt !== undefined)?.createdAt
  for (const entry of entries) {
    const own = entry.emptyLayer ? undefined : layers[next++]
    last = entry.created ?? given ?? own?.createdAt ?? last
    history.push({ ...entry, created: last, emptyLayer: entry.emptyLayer })
  }
  return { history, created: last }
}
