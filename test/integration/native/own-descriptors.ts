// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readlinkSync } from 'node:fs'

/** What each open descriptor of this process is, sorted, where it is one of those that are asked for. */
export function ownDescriptors(pattern: RegExp): readonly string[] {
  const targets = readdirSync('/proc/self/fd').map((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`)
    } catch {
      return ''
    }
  })
  return targets.filter((target) => pattern.test(target)).sort()
}
