// SPDX-License-Identifier: Apache-2.0
import type { Vertex } from './vertex.js'

/** Which paths of each of the caller's contexts a build looks at, as absolute patterns below the context's root. */
export function usedPaths(root: Vertex): ReadonlyMap<string, ReadonlySet<string>> {
  const used = new Map<string, Set<string>>()
  for (const vertex of verticesOf(root)) {
    for (const [from, path] of readsOf(vertex)) {
      if (from.kind === 'context') used.set(from.name, (used.get(from.name) ?? new Set()).add(path))
    }
  }
  return used
}

/** All steps that a step needs, itself included; those that depend on nothing are not first. */
export function verticesOf(root: Vertex): ReadonlySet<Vertex> {
  const found = new Set([root])
  // A set gives what is added to it while it is walked through.
  for (const vertex of found) {
    if ('base' in vertex) found.add(vertex.base)
    for (const [from] of readsOf(vertex)) found.add(from)
  }
  return found
}

function readsOf(vertex: Vertex): readonly (readonly [Vertex, string])[] {
  if (vertex.kind === 'copy') {
    return vertex.sources.map(({ from, path, include }) => [from, include === undefined ? path : join(path, include)])
  }
  if (vertex.kind !== 'run') return []
  return vertex.mounts.flatMap((mount): (readonly [Vertex, string])[] => {
    return 'from' in mount && mount.from ? [[mount.from, mount.source]] : []
  })
}

function join(directory: string, path: string): string {
  return directory === '/' ? `/${path}` : `${directory}/${path}`
}
