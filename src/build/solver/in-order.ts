// SPDX-License-Identifier: Apache-2.0

/** Everything that the starts need, themselves included, each after what it needs itself. Does not recurse: chains may be long. */
export function inOrder<T>(starts: readonly T[], needsOf: (item: T) => readonly T[]): readonly T[] {
  const order = new Set<T>()
  for (const start of starts) {
    const stack: { readonly item: T; readonly needs: Iterator<T> }[] = []
    const entered = new Set<T>()
    const enter = (item: T) => {
      if (order.has(item) || entered.has(item)) return
      entered.add(item)
      stack.push({ item, needs: needsOf(item)[Symbol.iterator]() })
    }
    enter(start)
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const { value, done } = top.needs.next()
      if (!done) {
        enter(value)
        continue
      }
      stack.pop()
      order.add(top.item)
    }
  }
  return [...order]
}
