// SPDX-License-Identifier: Apache-2.0
// The validation suite of the OCI runtime specification over tscontainer-runtime, and over runc in the same way. The suite is older than the
// specification, and expects some things that no runtime does: what runc passes is what has to be passed.
//   npm run test:conformance [-- PART-OF-A-NAME…] [--verbose] [--runtime COMMAND]      as root; from Debian: Go, the suite and what it imports, runc
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ensureModules, ensureNative } from '../../scripts/lib/build.mjs'
import { conformancePackages, install, missing } from '../../scripts/lib/packages.mjs'
import { releaseDir, top } from '../../scripts/lib/paths.mjs'
import { Stop, script } from '../../scripts/lib/run.mjs'
import { notRun, whyOnPurpose } from './known-differences.mjs'
import { onlyTheirs, resultsOf } from './results.mjs'
import { ensureSuite } from './suite.mjs'

// The suite has no word for where a runtime keeps its state.
const apart = (scratch, name, command) => {
  const wrapper = join(scratch, name)
  writeFileSync(wrapper, `#!/bin/sh\nexec ${command} --root ${wrapper}-state "$@"\n`)
  chmodSync(wrapper, 0o755)
  return wrapper
}

const failedOf = (results) => results.filter(({ passed }) => !passed).map(({ text }) => text)

const runOnce = (places, program, { ours, theirs }) => {
  const [mine, others] = [ours, theirs].map((runtime) => resultsOf(places, program, runtime))
  const different = onlyTheirs(mine.results, others.results).map((text) => ({ text, why: whyOnPurpose(program, text) }))
  return { mine, others, different, lacking: different.filter(({ why }) => !why) }
}

// Some programs race: one kills `true`, and takes it for a failure that it has ended by itself.
const attempts = 3

const compare = (places, program, runtimes, verbose) => {
  let ran = runOnce(places, program, runtimes)
  for (let more = 1; more < attempts && ran.lacking.length > 0; more++) ran = runOnce(places, program, runtimes)
  const { mine, others, different, lacking } = ran
  const counts = [mine, others].map(
    ({ results }) => `${results.length - failedOf(results).length} of ${results.length}`,
  )
  console.log(`${program}: ${counts[0]}; runc ${counts[1]}`)
  for (const { text, why } of different) console.log(`  only runc: ${text}${why ? ` (${why})` : ''}`)
  if (verbose || lacking.length > 0) console.log(`${mine.output}\n--- runc\n${others.output}`)
  const both = failedOf(mine.results).filter((text) => !different.some((one) => one.text === text))
  return { program, lacking, both, passed: mine.results.length - failedOf(mine.results).length }
}

const built = () => {
  ensureModules()
  ensureNative({ tests: false })
  return join(releaseDir, 'tscontainer-runtime')
}

await script(() => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      verbose: { type: 'boolean' },
      runtime: { type: 'string' },
    },
  })
  if (process.getuid() !== 0) throw new Stop('The suite makes containers as root alone.')
  install(missing(conformancePackages))
  const ours = values.runtime ?? built()
  const { suite, programs } = ensureSuite(join(top, 'build-conformance'))
  const wanted = programs.filter((name) => !notRun.includes(name))
  const chosen = wanted.filter((name) => positionals.length === 0 || positionals.some((part) => name.includes(part)))
  const scratch = mkdtempSync(join(tmpdir(), 'tscontainer-conformance-'))
  chmodSync(scratch, 0o755)
  try {
    const runtimes = {
      ours: apart(scratch, 'ours', ours),
      theirs: apart(scratch, 'runc', 'runc'),
    }
    const all = chosen.map((program) => compare({ suite, scratch }, program, runtimes, values.verbose))
    for (const { program, both } of all)
      for (const text of new Set(both)) console.log(`not passed, by runc neither: ${program}: ${text}`)
    const passed = all.reduce((sum, one) => sum + one.passed, 0)
    const failed = all.reduce((sum, one) => sum + one.lacking.length, 0)
    for (const { program, lacking } of all)
      for (const { text } of lacking) console.log(`failed, and runc passes: ${program}: ${text}`)
    console.log(`${passed} passed, ${failed} failed`)
    return failed === 0 && passed > 0 ? 0 : 1
  } finally {
    rmSync(scratch, { recursive: true })
  }
})
