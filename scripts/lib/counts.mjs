// SPDX-License-Identifier: Apache-2.0
// Runs the parts of the tests and adds up what passed and what failed.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { top } from './paths.mjs'
import { bin } from './run.mjs'

const heading = (name) => console.log(`\n=== ${name}`)

/** One that counts as a single test: it passed if it ended with 0. */
export const check = (name, command, args, options = {}) => {
  heading(name)
  const { status } = spawnSync(command, args, { cwd: top, stdio: 'inherit', ...options })
  return result(name, status, status === 0 ? 1 : 0)
}

// A part that ended badly without naming what failed is one failure, named after it.
const result = (part, status, passed, failures = [], refused = []) => {
  const named =
    status !== 0 && failures.length === 0 ? [{ name: 'the whole', message: `exit status ${status}` }] : failures
  return { passed, failures: named.map((failure) => ({ part, ...failure })), refused }
}

/** The C++ tests, counted by their test cases; `args` choose some (doctest). */
export const doctest = (name, program, { args = [], ...options } = {}) => {
  heading(name)
  const stdio = ['ignore', 'pipe', 'inherit']
  const { status, stdout } = spawnSync(program, ['--no-colors', ...args], {
    cwd: top,
    encoding: 'utf8',
    stdio,
    ...options,
  })
  console.log(stdout)
  const line = /test cases:\s*\d+ \|\s*(\d+) passed/.exec(stdout ?? '')
  const titles = new Set([...(stdout ?? '').matchAll(/^TEST CASE:\s*(.+)$/gm)].map(([, title]) => title))
  return result(
    name,
    status,
    Number(line?.[1] ?? 0),
    [...titles].map((title) => ({ name: title })),
  )
}

const allowedSkips = () => JSON.parse(readFileSync(join(top, 'test/support/allowed-skips.json'), 'utf8'))

const refusedSkips = (kind, skips) => {
  const allowed = allowedSkips()[kind]
  return skips.filter(({ reason }) => !allowed.includes(reason)).map((skip) => ({ kind, ...skip }))
}

/**
 * Vitest over `args` in `tree`. `kind` names the row of allowed-skips.json. Without counts (it died, or could not start) that is one
 * failure. `prefix` is a command that runs the rest of its arguments.
 */
export const vitest = (name, kind, args, { tree = top, env = process.env, prefix = [], ...options } = {}) => {
  heading(name)
  const scratch = mkdtempSync(join(tmpdir(), 'tscontainer-counts-'))
  chmodSync(scratch, 0o1777)
  const counts = join(scratch, 'counts.json')
  const [node, program] = bin('vitest/vitest.mjs')
  const vitestArgs = [program.replace(top, tree), 'run', '--configLoader', 'runner', ...args]
  const [command, ...rest] = [...prefix, node, ...vitestArgs]
  const began = performance.now()
  const { status } = spawnSync(command, rest, {
    cwd: tree,
    stdio: ['ignore', 'inherit', 'inherit'],
    ...options,
    env: { ...env, TSC_TEST_COUNTS: counts },
  })
  const { passed, failures, skips } = existsSync(counts)
    ? JSON.parse(readFileSync(counts, 'utf8'))
    : { passed: 0, failures: [], skips: [] }
  rmSync(scratch, { recursive: true })
  const seconds = Math.round((performance.now() - began) / 1000)
  return { ...result(name, status, passed, failures, refusedSkips(kind, skips)), took: `${name}: ${seconds} s` }
}

/**
 * Prints what failed, by name, since a log may be kept by its end alone; skips that are not on the list (in CI each is a failure); and,
 * last, `N passed, N failed`. Returns the exit status.
 */
export const summarize = (parts) => {
  const refused = parts.flatMap((part) => part.refused)
  const strict = Boolean(process.env.CI)
  const failures = parts.flatMap((part) => part.failures)
  console.log(`\n${parts.flatMap(({ took }) => took ?? []).join(', ')}`)
  for (const { part, file, name, message } of failures) {
    console.log(`failed (${part}): ${[file, name, message].filter(Boolean).join(': ')}`)
  }
  for (const { kind, file, name, reason } of refused) {
    console.log(`skipped (${kind}): ${file}: ${name}: ${reason || 'without a reason'}`)
  }
  if (refused.length > 0) {
    console.log(
      `${refused.length} skips are not listed in test/support/allowed-skips.json${strict ? ': failures here' : ''}`,
    )
  }
  const passed = parts.reduce((sum, part) => sum + part.passed, 0)
  const failed = failures.length + (strict ? refused.length : 0)
  console.log(`${passed} passed, ${failed} failed`)
  return failed === 0 && passed > 0 ? 0 : 1
}
