// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { engineDirectories } from '../../../src/api/engine-options.js'
import { scratchBase, supervisorGone } from '../../support/test-engine.js'

const top = join(import.meta.dirname, '../../..')
let root: string
let runRoot: string

beforeAll(async () => {
  root = join(await mkdtemp(join(scratchBase(), 'tsc-')), 'root')
  const environment = { env: { ...process.env, TSCONTAINER_ROOT: root }, uid: process.geteuid?.() ?? 0 }
  runRoot = engineDirectories({}, environment).runRoot
})
afterAll(async () => {
  await rm(join(root, '..'), { recursive: true, force: true })
  await rm(runRoot, { recursive: true, force: true })
})

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly title: string
      readonly status: string
      readonly failureMessages: readonly string[]
    }[]
  }[]
}

/** What a vitest of its own says of that suite; the variables of the one that we are in are not its. */
const runSuite = async (name: string) => {
  const own = Object.entries(process.env).filter(([key]) => !/^VITEST|^TSC_TEST_COUNTS$/.test(key))
  const env = { ...Object.fromEntries(own), TSCONTAINER_ROOT: root, TSC_TEST_SUITES: '1' }
  const vitest = join(top, 'node_modules/vitest/vitest.mjs')
  const args = ['run', '--configLoader', 'runner', '--project', 'suites', '--reporter', 'json', `testing/${name}`]
  const { stdout } = await promisify(execFile)(process.execPath, [vitest, ...args], { cwd: top, env }).catch(
    (error: { readonly stdout: string }) => error,
  )
  const report = JSON.parse(stdout.slice(stdout.indexOf('{'))) as Report
  return report.testResults.flatMap(({ assertionResults }) => assertionResults)
}

const nothingLeft = async () => {
  await supervisorGone(runRoot)
  expect(await readdir(join(root, 'containers'))).toEqual([])
  expect(await readdir(join(root, 'names'))).toEqual([])
}

test('fixtures and matchers do what their own tests ask of them', async () => {
  const results = await runSuite('containers.suite.ts')
  expect(results.filter(({ status }) => status !== 'passed')).toEqual([])
  expect(results.length).toBeGreaterThan(5)
  await nothingLeft()
})

test('a test that fails says what its containers wrote last, and leaves nothing', async () => {
  const [failed, late] = await runSuite('failing.suite.ts')
  expect(failed?.status).toBe('failed')
  const message = failed?.failureMessages.join('\n')
  expect(message).toContain('expected 1 to be 2')
  expect(message).toContain("container 'broken' is stopped (9), and wrote last:\n  stderr| cause of death")
  expect(message).toContain("container 'alive' is running, and wrote nothing")
  expect(late?.failureMessages.join('\n')).toContain('  stdout| waiting for godot')
  await nothingLeft()
})
