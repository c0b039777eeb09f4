// SPDX-License-Identifier: Apache-2.0
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Count, type Counts, tableOf } from './table.js'
import type { Walk } from './walk.js'

const page = fileURLToPath(new URL('../../docs/fault-injection.md', import.meta.url))
const counts = fileURLToPath(new URL('counts.json', import.meta.url))
const mark = '<!-- counts -->\n'

const read = (): Counts => JSON.parse(readFileSync(counts, 'utf8'))

/**
 * Gives what writes into counts.json what a walk came to so far, and the table of all that is there into docs/fault-injection.md. Points of walks
 * before, which need not be walked again, count as well.
 */
export const recorder = (who: string, operation: string, fault: string): ((walked: Walk) => void) => {
  const before = read()[who]?.[operation]?.[fault]
  return ({ steps, ways, struckWays, points, failed, wrongs }) => {
    const sums = { points: (before?.points ?? 0) + points, failed: (before?.failed ?? 0) + failed }
    write([who, operation, fault], { steps, ways, struckWays, ...sums, wrongs: wrongs.length })
  }
}

const write = ([who, operation, fault]: readonly [string, string, string], count: Count): void => {
  const all = read()
  const known = all[who] ?? {}
  const next = { ...all, [who]: { ...known, [operation]: { ...known[operation], [fault]: count } } }
  replace(counts, `${JSON.stringify(next, null, 2)}\n`)
  replace(page, `${readFileSync(page, 'utf8').split(mark)[0]}${mark}${tableOf(next)}`)
}

// Several walk at once: none reads half of what another writes.
const replace = (path: string, text: string) => {
  writeFileSync(`${path}.${process.pid}`, text)
  renameSync(`${path}.${process.pid}`, path)
}
