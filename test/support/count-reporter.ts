// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from 'node:fs'
import type { Reporter, TestModule, TestRunEndReason } from 'vitest/node'

interface Skip {
  readonly file: string
  readonly name: string
  readonly reason: string
}

/** What scripts/test.mjs reads: how many passed and failed, and each skip with its reason. */
interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skips: readonly Skip[]
}

// A file that does not load, or whose hooks fail (the leak guard is one), is a failure of its own.
const failuresOutsideTests = (module: TestModule): number => {
  const suites = [...module.children.allSuites()].filter((suite) => suite.errors().length > 0)
  return suites.length + (module.errors().length > 0 ? 1 : 0)
}

const countModule = (module: TestModule): Counts => {
  const tests = [...module.children.allTests()]
  const skipped = tests.filter((test) => test.result().state === 'skipped')
  return {
    passed: tests.filter((test) => test.result().state === 'passed').length,
    failed: tests.filter((test) => test.result().state === 'failed').length + failuresOutsideTests(module),
    skips: skipped.map((test) => {
      const result = test.result()
      const reason = result.state === 'skipped' ? (result.note ?? '') : ''
      return { file: module.relativeModuleId, name: test.fullName, reason }
    }),
  }
}

/** Writes the counts of a run to the file named by TSC_TEST_COUNTS. */
export class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[], _reason: TestRunEndReason): void {
    const path = process.env.TSC_TEST_COUNTS
    if (path === undefined) return
    const all = modules.map(countModule)
    const sum = (key: 'passed' | 'failed'): number => all.reduce((total, counts) => total + counts[key], 0)
    const counts: Counts = {
      passed: sum('passed'),
      failed: sum('failed') + errors.length,
      skips: all.flatMap(({ skips }) => skips),
    }
    writeFileSync(path, JSON.stringify(counts))
  }
}
