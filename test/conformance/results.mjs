// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

// What differs from run to run.
const steady = (text) =>
  text.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<id>').replace(/(ocitest|target|mount|example)\d+/g, '$1')

// SKIP and TODO are directives of the Test Anything Protocol: the suite's own words for results that do not count.
const resultOf = (line) => {
  const [, not, text] = /^(not )?ok \d+ ?(.*)$/.exec(line) ?? []
  if (text === undefined || /^# (SKIP|TODO)/i.test(text)) return []
  return [{ text: steady(text), passed: not === undefined }]
}

// What a container wrote, as the fact that comes before the one result which says whether all of that passed.
const insideOf = (line) => {
  if (!line.startsWith('  {')) return undefined
  const { stdout } = JSON.parse(line)
  return typeof stdout === 'string' && stdout.startsWith('TAP version') ? resultsIn(stdout) : undefined
}

const resultsIn = (text) => {
  const results = []
  let summed = false
  for (const line of text.split('\n')) {
    const inside = insideOf(line)
    const [result] = resultOf(line)
    if (inside) results.push(...inside)
    else if (result && !summed) results.push(result)
    summed = inside !== undefined || (summed && result === undefined)
  }
  return results
}

/**
 * Runs a program of the suite with `runtime` as the runtime. Returns its results in order, without those that it skipped, an end without success as
 * one more; and all that it wrote. What it mounts is gone with it; the bundles that it forgets are in `scratch`.
 */
export const resultsOf = ({ suite, scratch }, program, runtime) => {
  const words = ['--mount', '--propagation', 'private', join(suite, 'programs', program)]
  const { status, stdout, stderr } = spawnSync('unshare', words, {
    cwd: suite,
    env: { ...process.env, RUNTIME: runtime, TMPDIR: scratch },
    encoding: 'utf8',
    timeout: 120_000,
    killSignal: 'SIGKILL',
  })
  return {
    results: [...resultsIn(stdout), { text: 'the program ends with 0', passed: status === 0 }],
    output: stdout + stderr,
  }
}

/** What `theirs` passed and `ours` did not, by their texts: a text is passed by whoever never failed at it. */
export const onlyTheirs = (ours, theirs) => {
  const passedBy = (results) =>
    new Set(
      results
        .map(({ text }) => text)
        .filter((text) => results.every((result) => result.text !== text || result.passed)),
    )
  const mine = passedBy(ours)
  return [...passedBy(theirs)].filter((text) => !mine.has(text))
}
