// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from 'node:fs'
import type { Reporter, TestModule, TestRunEndReason } from 'vitest/node'

interface Skip {
  readonly file: string
  readonly name: string
  readonly reason: string
}

interface Failure {
  readonly file: string
  readonly name: string
  /** The first line of what was thrown. */
  readonly message: string
}

/** What scripts/test.mjs reads: how many passed, each failure, and each skip with its reason. */
interface Counts {
  readonly passed: number
  readonly failures: readonly Failure[]
  readonly skips: readonly Skip[]
}

type Thrown = { readonly message?: string }

const failure = (file: string, name: string, errors: readonly Thrown[] | undefined): Failure => ({
  file,
  name,
  message: (errors?.[0]?.message ?? '').split('\n')[0] ?? '',
})

// A file that does not load, or whose hooks fail (the leak guard is one), is a failure of its own.
const failuresOutsideTests = (module: TestModule): readonly Failure[] => {
  const file = module.relativeModuleId
  const suites = [...module.children.allSuites()].filter((suite) => suite.errors().length > 0)
  const errors = module.errors()
  return [
    ...suites.map((suite) => failure(file, suite.fullName, suite.errors())),
    ...(errors.length > 0 ? [failure(file, 'the file', errors)] : []),
  ]
}

const countModule = (module: TestModule): Counts => {
  const file = module.relativeModuleId
  const tests = [...module.children.allTests()].map((test) => ({ name: test.fullName, result: test.result() }))
  return {
    passed: tests.filter(({ result }) => result.state === 'passed').length,
    failures: [
      ...tests.flatMap(({ name, result }) => (result.state === 'failed' ? failure(file, name, result.errors) : [])),
      ...failuresOutsideTests(module),
    ],
    skips: tests.flatMap(({ name, result }) =>
      result.state === 'skipped' ? { file, name, reason: result.note ?? '' } : [],
    ),
  }
}

/** Writes the counts of a run to the file named by TSC_TEST_COUNTS. */
export class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[], _reason: TestRunEndReason): void {
    const path = process.env.TSC_TEST_COUNTS
    if (path === undefined) return
    const all = modules.map(countModule)
    const counts: Counts = {
      passed: all.reduce((total, { passed }) => total + passed, 0),
      failures: [
        ...all.flatMap(({ failures }) => failures),
        ...errors.map((error) => failure('', 'outside of every test', [error as Thrown])),
      ],
      skips: all.flatMap(({ skips }) => skips),
    }
    writeFileSync(path, JSON.stringify(counts))
  }
}
