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
import { testAsSingle, testAsUser } from './lib/test-as-users.mjs'
import { ensureTestUsers, treeFor } from './lib/users.mjs'
import { setup } from './setup.mjs'

const isRoot = process.getuid?.() === 0

const staticChecks = () => {
  const [node, biome] = bin('@biomejs/biome/bin/biome')
  return [
    check('biome', node, [biome, 'check', '--error-on-warnings']),
    check('tsc', node, [bin('typescript/bin/tsc')[1], '--noEmit']),
    check('typedoc', node, [bin('typedoc/bin/typedoc')[1], '--emit', 'none']),
    doctest('C++ tests', join(releaseDir, 'tscontainer-tests')),
  ]
}

const everything = ['unit', 'contract', 'integration', 'adversarial'].flatMap((name) => ['--project', name])
const begin = (kind, tree, fixtures) => {
  const file = join(tmpdir(), `tscontainer-parts-${process.pid}-${kind}.json`)
  const env = { ...process.env, ...fixtures, TSC_TEST_PARTS: file }
  const { pid, end } = beginApart(kind, [process.execPath, join(top, 'scripts/test-users.mjs'), kind, tree], env)
  return {
    pid,
    parts: async () => {
      const { status, output } = await end()
      console.log(output)
      const unknown = [{ passed: 0, refused: [], failures: [{ part: kind, message: `exit status ${status}` }] }]
      return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : unknown
    },
  }
}
// The ordinary users' parts need little of the machine, and wait a lot, as root's does: where they can run apart, they run beside.
const beginUsers = (tree, fixtures) =>
  canBeApart() ? ['user', 'single'].map((kind) => begin(kind, tree, fixtures)) : undefined

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
  const tree = users && treeFor(users.user)
  try {
    const beside = tree && filters.length === 0 ? beginUsers(tree.path, fixtures) : undefined
    const others = beside && { TSC_TEST_BESIDE: beside.map(({ pid }) => pid).join(' ') }
    const env = { ...process.env, ...fixtures, ...others }
    parts.push(vitest(isRoot ? 'vitest as root' : 'vitest', kind, [...everything, ...filters], { env, tree: top }))
    for (const part of beside ?? []) parts.push(...(await part.parts()))
    if (users && !beside) {
      parts.push(...testAsUser({ user: users.user, fixtures, tree: tree.path, filters }))
      if (filters.length === 0) parts.push(...testAsSingle({ user: users.single, fixtures, tree: tree.path }))
    }
  } finally {
    tree?.remove()
  }
  return summarize(parts)
})
