// SPDX-License-Identifier: Apache-2.0
import type { TaggedPath } from '../document/document-reader.js'
import { isList, isMap, type Tree, type TreeMap } from '../document/tree.js'

/** Removes from what is there what a later document resets or overrides. */
export function applyTags(base: TreeMap, tagged: readonly TaggedPath[]): void {
  for (const { tag, path } of tagged) {
    const last = path.at(-1)
    if (tag === 'merge' || last === undefined) continue
    let holder: Tree | undefined = base
    for (const step of path.slice(0, -1))
      holder = isMap(holder) ? holder[step] : isList(holder) ? holder[Number(step)] : undefined
    if (isMap(holder)) delete holder[last]
  }
}
