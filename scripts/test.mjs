// SPDX-License-Identifier: Apache-2.0
// All tests. As root: everything, and the rootless part as two ordinary users that this makes. Otherwise: the rootless part.
//   node scripts/test.mjs [filter…]      filters are vitest's; with one only vitest runs, as root and as the ordinary user
import { existsSync, readFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { beginApart, canBeApart } from './lib/apart.mjs'
import { check, doctest, summarize, vitest } from './lib/counts.mjs'
import { ensureFixtures } from './lib/fixtures.mjs'
import { releaseDir, top } from './lib/paths.mjs'
import { bin, script } from './lib/run.mjs'
import { shellTexts } from './lib/shell-texts.mjs'
import { testAsUsers } from './lib/test-as-users.mjs'
import { ensureTestUsers } from './lib/users.mjs'
import { setup } from './setup.mjs'

const isRoot = process.getuid?.() === 0

const staticChecks = () => {
  const [node, biome] = bin('@biomejs/biome/bin/biome')
  return [
    check('biome', node, [biome, 'check', '--error-on-warnings']),
    check('tsc', node, [bin('typescript/bin/tsc')[1], '--noEmit']),
    check('shellcheck', 'shellcheck', shellTexts()),
    check('typedoc', node, [bin('typedoc/bin/typedoc')[1], '--emit', 'none']),
    doctest('C++ tests', join(releaseDir, 'tscontainer-tests')),
  ]
}

const everything = ['unit', 'contract', 'integration', 'adversarial'].flatMap((name) => ['--project', name])
// The ordinary users' part needs little of the machine, and waits a lot, as root's does: where it can run apart, it runs beside.
const beginUsers = (fixtures) => {
  if (!canBeApart()) return undefined
  const file = join(tmpdir(), `tscontainer-parts-${process.pid}.json`)
  const env = { ...process.env, ...fixtures, TSC_TEST_PARTS: file }
  const { pid, end } = beginApart([process.execPath, join(top, 'scripts/test-users.mjs')], env)
  return {
    pid,
    parts: async () => {
      const { status, output } = await end()
      console.log(output)
      const unknown = [
        { passed: 0, refused: [], failures: [{ part: 'ordinary users', message: `exit status ${status}` }] },
      ]
      return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : unknown
    },
  }
}

const hasRange = (file) => existsSync(file) && readFileSync(file, 'utf8').includes(`${userInfo().username}:`)
const ownIds = () => (['/etc/subuid', '/etc/subgid'].every(hasRange) ? 'user' : 'single')

await script(async () => {
  const filters = process.argv.slice(2)
  setup({ tests: true })
  const fixtures = ensureFixtures()
  // Before the first test, since some of root's look at the machine as an ordinary user does.
  const users = isRoot ? ensureTestUsers() : undefined
  const parts = filters.length > 0 ? [] : staticChecks()
  const kind = isRoot ? 'root' : ownIds()
  const beside = users && filters.length === 0 ? beginUsers(fixtures) : undefined
  const env = { ...process.env, ...fixtures, ...(beside && { TSC_TEST_BESIDE: String(beside.pid) }) }
  parts.push(vitest(isRoot ? 'vitest as root' : 'vitest', kind, [...everything, ...filters], { env, tree: top }))
  if (beside) parts.push(...(await beside.parts()))
  else if (users) parts.push(...testAsUsers(users, fixtures, filters))
  return summarize(parts)
})
