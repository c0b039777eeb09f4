// SPDX-License-Identifier: Apache-2.0
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Walk } from './walk.js'

const counts = fileURLToPath(new URL('counts.json', import.meta.url))

/** What was walked of one operation with one fault. */
type Count = Omit<Walk, 'wrongs'> & { readonly wrongs: number }

type Counts = Record<string, Record<string, Record<string, Count>>>

const read = (): Counts => JSON.parse(readFileSync(counts, 'utf8'))

/** Writes into counts.json what a walk came to, as whoever walked. */
export const record = (who: string, operation: string, fault: string, walked: Walk): void => {
  const all = read()
  all[who] ??= {}
  all[who][operation] = { ...all[who][operation], [fault]: { ...walked, wrongs: walked.wrongs.length } }
  writeFileSync(
    `${counts}.new`,
    `${JSON.stringify(all, null, 1)
      .replace(/\n {4,}"/g, ' "')
      .replace(/\n {3}\}/g, ' }')}\n`,
  )
  renameSync(`${counts}.new`, counts)
}
