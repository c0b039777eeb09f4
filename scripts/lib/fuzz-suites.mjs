// SPDX-License-Identifier: Apache-2.0
// The tests that make up their own cases, with other seeds and for longer than among the tests.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { releaseDir, top } from './paths.mjs'
import { bin } from './run.mjs'

const countIn = (directory, pattern) =>
  readdirSync(join(top, directory))
    .map((name) => readFileSync(join(top, directory, name), 'utf8'))
    .reduce((sum, text) => sum + [...text.matchAll(pattern)].length, 0)

const [node, vitest] = bin('vitest/vitest.mjs')
const suites = {
  // One file after the other: the seconds of each are its own.
  properties: {
    tests: () => countIn('test/unit/properties', /^holds\(/gm),
    command: [
      node,
      vitest,
      'run',
      '--configLoader',
      'runner',
      '--no-file-parallelism',
      '--project',
      'unit',
      'test/unit/properties',
    ],
  },
  differential: {
    tests: () => countIn('addon/test', /\bForEachCase\(kUsualCases,/g),
    command: [join(releaseDir, 'tscontainer-tests'), '--source-file=*differential*'],
  },
}

/** `properties` and `differential`. */
export const suiteNames = Object.keys(suites)

const seedOf = () => Math.floor(Math.random() * 2 ** 31)

// One pass with a seed of its own. What it did is written by test/support/cases.ts and addon/test/made_cases.h.
const pass = (name, seconds, counts) =>
  new Promise((resolve, reject) => {
    const seed = String(seedOf())
    const { command } = suites[name]
    const env = { ...process.env, TSC_CASES_SEED: seed, TSC_CASES_SECONDS: String(seconds), TSC_CASES_COUNTS: counts }
    const child = spawn('nice', ['-n', '19', ...command], { cwd: top, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text
      })
    }
    child.on('error', reject).on('close', (status) => {
      if (status !== 0) console.error(output)
      resolve(status === 0 ? [] : [`failed with the seed ${seed}: TSC_CASES_SEED=${seed} repeats it`])
    })
  })

/** Runs the tests of a suite, each for an equal part of that long. */
export const runSuite = async (name, seconds) => {
  const scratch = mkdtempSync(join(tmpdir(), 'tscontainer-cases-'))
  const counts = join(scratch, 'counts')
  const started = performance.now()
  const each = Math.max(1, Math.floor(seconds / suites[name].tests()))
  const finds = await pass(name, each, counts)
  const lines = existsSync(counts) ? readFileSync(counts, 'utf8').trim().split('\n') : []
  rmSync(scratch, { recursive: true })
  return {
    name,
    seconds: Math.round((performance.now() - started) / 1000),
    executions: lines.reduce((sum, line) => sum + Number(line), 0),
    finds,
  }
}
