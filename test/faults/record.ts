// SPDX-License-Identifier: Apache-2.0
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Counts, tableOf } from './table.js'
import type { Walk } from './walk.js'

const page = fileURLToPath(new URL('../../docs/fault-injection.md', import.meta.url))
const counts = fileURLToPath(new URL('counts.json', import.meta.url))
const mark = '<!-- counts -->\n'

/** Writes what a walk came to into counts.json, and the table of all that is there into docs/fault-injection.md. */
export const record = (who: string, operation: string, fault: string, walked: Walk): void => {
  const all: Counts = JSON.parse(readFileSync(counts, 'utf8'))
  const { steps, ways, struckWays, points, failed, wrongs } = walked
  const count = { steps, ways, struckWays, points, failed, wrongs: wrongs.length }
  const known = all[who] ?? {}
  const next = { ...all, [who]: { ...known, [operation]: { ...known[operation], [fault]: count } } }
  replace(counts, `${JSON.stringify(next, null, 1)}\n`)
  replace(page, `${readFileSync(page, 'utf8').split(mark)[0]}${mark}${tableOf(next)}`)
}

// Several walk at once: none reads half of what another writes.
const replace = (path: string, text: string) => {
  writeFileSync(`${path}.${process.pid}`, text)
  renameSync(`${path}.${process.pid}`, path)
}
