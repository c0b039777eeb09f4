// SPDX-License-Identifier: Apache-2.0

/** How many milliseconds `work` took. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const before = performance.now()
  await work()
  return performance.now() - before
}
