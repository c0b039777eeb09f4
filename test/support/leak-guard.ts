// SPDX-License-Identifier: Apache-2.0

import { linksOf } from './leak-links.js'
import { processesOf } from './leak-processes.js'
import { cgroupsOf, descriptorsOf, mountsOf } from './leak-state.js'

/** What the machine holds that an engine could have left: one line for each thing, by kind. */
export type Holdings = Readonly<Record<HoldingKind, readonly string[]>>
export type HoldingKind = 'mounts' | 'cgroups' | 'processes' | 'namespaces' | 'links' | 'descriptors'

/**
 * Takes stock of mounts, cgroups, processes with their namespaces, links and our own descriptors, as far as they are an engine's.
 * `root` is a directory that engines of this test run use: what is mounted or open below it counts as well.
 */
export const takeStock = async (root?: string | undefined): Promise<Holdings> => {
  const { processes, namespaces } = await processesOf()
  return {
    mounts: await mountsOf(root),
    cgroups: await cgroupsOf(),
    processes,
    namespaces,
    links: linksOf(),
    descriptors: await descriptorsOf(root),
  }
}

// A multiset difference: two descriptors of the same name are two.
const surplus = (before: readonly string[], after: readonly string[]): readonly string[] => {
  const left = new Map<string, number>()
  for (const line of before) left.set(line, (left.get(line) ?? 0) + 1)
  return after.filter((line) => {
    const count = left.get(line) ?? 0
    left.set(line, count - 1)
    return count <= 0
  })
}

/** What is in `after` and was not in `before`, as `kind: thing`. */
export const leaks = (before: Holdings, after: Holdings): readonly string[] =>
  (Object.keys(after) as HoldingKind[]).flatMap((kind) =>
    surplus(before[kind], after[kind]).map((line) => `${kind}: ${line}`),
  )

/**
 * Compares with `before` until nothing is left over or `timeoutMs` have passed (the kernel and the supervisor tear some things
 * down after the call that asked for it has returned). Returns what is left over.
 */
export const awaitNoLeaks = async (
  before: Holdings,
  options: { readonly timeoutMs: number; readonly root?: string | undefined },
): Promise<readonly string[]> => {
  const deadline = performance.now() + options.timeoutMs
  for (;;) {
    const found = leaks(before, await takeStock(options.root))
    if (found.length === 0 || performance.now() > deadline) return found
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
