// SPDX-License-Identifier: Apache-2.0

interface Timed {
  readonly timeNs: bigint
}

/** Several sequences, each in the order of time, as one. What is left of them when the loop is left is given back. */
export async function* mergeByTime<T extends Timed>(
  sources: readonly AsyncGenerator<T, void>[],
): AsyncGenerator<T, void> {
  try {
    const heads = await Promise.all(sources.map((source) => source.next()))
    for (;;) {
      const next = earliest(heads)
      const [source, head] = [sources[next], heads[next]]
      if (source === undefined || head === undefined || head.done) return
      yield head.value
      heads[next] = await source.next()
    }
  } finally {
    await Promise.all(sources.map((source) => source.return()))
  }
}

function earliest<T extends Timed>(heads: readonly IteratorResult<T, void>[]): number {
  let best = -1
  let bestNs = 0n
  for (const [index, head] of heads.entries()) {
    if (head.done || (best >= 0 && head.value.timeNs >= bestNs)) continue
    best = index
    bestNs = head.value.timeNs
  }
  return best
}
