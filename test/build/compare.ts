// SPDX-License-Identifier: Apache-2.0
import type { BuildOutcome, BuiltImage, CaseResult } from './build-result.js'

/** One thing that is not as in the golden; undefined where it is missing. */
export interface Difference {
  /** Such as `builds.0.image.tree./etc/passwd.mode`. */
  readonly where: string
  readonly golden: unknown
  readonly ours: unknown
}

/**
 * What differs between a golden and what another builder made of the same case. Of failures only the line is compared, where the golden has one, of warnings the rule and
 * the line, since the words are each builder's own; so is the comment of a history entry, and whether a layer lists the unchanged parents of its
 * entries. A member of the configuration that is empty is as good as none.
 */
export const compareResults = (golden: CaseResult, ours: CaseResult): readonly Difference[] =>
  differences(comparable(golden), comparable(withoutUnsaidLines(golden, ours)), '')

const withoutUnsaidLines = (golden: CaseResult, ours: CaseResult): CaseResult => ({
  ...ours,
  builds: ours.builds.map((build, index) => {
    const said = golden.builds[index]?.error
    if (build.error === undefined || said === undefined || said.line !== undefined) return build
    return { ...build, error: { message: build.error.message } }
  }),
})

const comparable = ({ builds, agreement }: CaseResult): object => ({
  builds: builds.map(comparableOutcome),
  agreement: agreement ?? {},
})

const comparableOutcome = ({ image, error, warnings }: BuildOutcome): object => ({
  image: image && comparableImage(image),
  error: error && { line: error.line },
  warnings: warnings.map(({ rule, line }) => `${rule}${line === undefined ? '' : ` (line ${line})`}`).sort(),
})

const comparableImage = (image: BuiltImage): object => ({
  ...image,
  config: Object.fromEntries(Object.entries(image.config).filter(([, value]) => !isEmpty(value))),
  history: image.history.map(({ comment: _, ...entry }) => entry),
  layers: image.layers.map(withoutParents),
})

const isEmpty = (value: unknown): boolean =>
  value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0)

const withoutParents = (paths: readonly string[]): string[] =>
  paths.filter((path) => !paths.some((other) => other.startsWith(path === '/' ? '/' : `${path}/`) && other !== path))

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

const differences = (golden: unknown, ours: unknown, where: string): Difference[] => {
  if (Object.is(golden, ours)) return []
  if (!isObject(golden) || !isObject(ours) || Array.isArray(golden) !== Array.isArray(ours)) {
    return [{ where, golden, ours }]
  }
  const keys = [...new Set([...Object.keys(golden), ...Object.keys(ours)])]
  return keys.flatMap((key) => differences(golden[key], ours[key], where === '' ? key : `${where}.${key}`))
}
