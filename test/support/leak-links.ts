// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs'

/** The network links of our namespace, which /sys need not be of. Every link counts: nothing else makes links while tests run. */
export const linksOf = (): readonly string[] => {
  const lines = readFileSync('/proc/self/net/dev', 'utf8').split('\n').slice(2)
  return lines.flatMap((line) => /^\s*([^:\s]+):/.exec(line)?.[1] ?? [])
}
