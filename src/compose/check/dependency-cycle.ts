// SPDX-License-Identifier: Apache-2.0

/** Who needs whom. */
export type Dependencies = ReadonlyMap<string, Iterable<string>>

/** A cycle, as the names on it with the first one again at the end; none if there is none. */
export function dependencyCycle(dependencies: Dependencies): readonly string[] | undefined {
  const done = new Set<string>()
  for (const start of dependencies.keys()) {
    const cycle = cycleFrom(start, dependencies, done)
    if (cycle !== undefined) return cycle
  }
  return undefined
}

// Without recursion: a chain of services is as long as somebody wants it.
function cycleFrom(start: string, dependencies: Dependencies, done: Set<string>): readonly string[] | undefined {
  if (done.has(start)) return undefined
  const chain = [start]
  const places = new Map([[start, 0]])
  const rest = [[...(dependencies.get(start) ?? [])]]
  while (chain.length > 0) {
    const next = rest.at(-1)?.shift()
    if (next === undefined) {
      const finished = chain.pop() as string
      places.delete(finished)
      done.add(finished)
      rest.pop()
    } else if (places.has(next)) return [...chain.slice(places.get(next)), next]
    else if (!done.has(next)) {
      places.set(next, chain.length)
      chain.push(next)
      rest.push([...(dependencies.get(next) ?? [])])
    }
  }
  return undefined
}
