// SPDX-License-Identifier: Apache-2.0
// Cases that a test makes up: always the same ones among the tests; `npm run fuzz` has others, and for longer (docs/fuzzing.md).
//   TSC_CASES_SEED     another seed
//   TSC_CASES_SECONDS  for that long instead of a number of cases
//   TSC_CASES_COUNTS   a file that gets the number of cases, a line a test
import { appendFileSync } from 'node:fs'
import fc from 'fast-check'
import { test } from 'vitest'

/** What the cases of this run are made from. A failure names it. */
export const casesSeed = Number(process.env.TSC_CASES_SEED ?? 20_240_229)

const seconds = Number(process.env.TSC_CASES_SECONDS ?? 0)
const counts = process.env.TSC_CASES_COUNTS

/** Adds to what is told to who asked for counts. */
export function countCases(cases: number): void {
  if (counts !== undefined) appendFileSync(counts, `${cases}\n`)
}

/** For how long cases are made, in milliseconds; undefined: a number of them is made. */
export const casesMs = seconds > 0 ? seconds * 1000 : undefined

/** A test of a property over `runs` cases, or over as many as there is time for. */
export function holds<T extends unknown[]>(name: string, property: fc.IProperty<T> | fc.IAsyncProperty<T>, runs = 300) {
  const limits =
    casesMs === undefined
      ? { numRuns: runs }
      : { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: casesMs, markInterruptAsFailure: false }
  const run = async () => {
    const details = await fc.check(property, { seed: casesSeed, ...limits })
    countCases(details.numRuns)
    if (details.failed) throw new Error(fc.defaultReportMessage(details), { cause: details.errorInstance })
  }
  test(name, run, (casesMs ?? 0) + 60_000)
}
