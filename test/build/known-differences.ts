// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs'
import type { Difference } from './compare.js'

/** A difference from BuildKit that is meant. */
export interface KnownDifference {
  /** The name of a case; with a `*` at its end, the beginning of names. */
  readonly case: string
  /** The beginning of where; a `*` stands for one step of it. */
  readonly where: string
  readonly reason: string
}

/** Those of known-differences.json. */
export const knownDifferences = (): readonly KnownDifference[] =>
  JSON.parse(readFileSync(new URL('known-differences.json', import.meta.url), 'utf8')) as KnownDifference[]

const isAbout = (known: KnownDifference, name: string): boolean =>
  known.case.endsWith('*') ? name.startsWith(known.case.slice(0, -1)) : known.case === name

const isAt = (known: KnownDifference, where: string): boolean => {
  const steps = known.where.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${steps.join('[^.]*')}`).test(where)
}

/** The differences of the case of that name that nobody meant. */
export const unknownDifferences = (
  name: string,
  differences: readonly Difference[],
  known: readonly KnownDifference[],
): readonly Difference[] =>
  differences.filter(({ where }) => !known.some((each) => isAbout(each, name) && isAt(each, where)))

/** The known differences that no longer are: their lines can go. */
export const outdatedDifferences = (
  seen: Readonly<Record<string, readonly Difference[]>>,
  known: readonly KnownDifference[],
): readonly KnownDifference[] =>
  known.filter(
    (each) =>
      !Object.entries(seen).some(
        ([name, differences]) => isAbout(each, name) && differences.some(({ where }) => isAt(each, where)),
      ),
  )
