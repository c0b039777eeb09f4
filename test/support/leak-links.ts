// SPDX-License-Identifier: Apache-2.0
import { readdir } from 'node:fs/promises'

/** The network links of our namespace. Every link counts: nothing else makes links while tests run. */
export const linksOf = async (): Promise<readonly string[]> => {
  try {
    return (await readdir('/sys/class/net')).filter((name) => name !== 'bonding_masters')
  } catch {
    return []
  }
}
