// SPDX-License-Identifier: Apache-2.0
// All tests. As root: everything, and then the rootless part as two ordinary users that this makes. Otherwise: the rootless part.
//   node scripts/test.mjs [filter…]      filters are vitest's; with one only vitest runs, as root and as the ordinary user
import { existsSync, readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { check, doctest, summarize, vitest } from './lib/counts.mjs'
import { ensureFixtures } from './lib/fixtures.mjs'
import { releaseDir, top } from './lib/paths.mjs'
import { bin, script } from './lib/run.mjs'
import { asUser, ensureUser, treeFor } from './lib/users.mjs'
import { setup } from './setup.mjs'

const project = (...names) => names.flatMap((name) => ['--project', name])
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

const everything = project('unit', 'contract', 'integration', 'adversarial')
const engineTests = project('contract', 'integration', 'adversarial')

// With the one id of its caller an engine is another one: containers, their commands and files, events and all that an engine is.
const singleTests = ['rootless', 'container', 'exec', 'files', 'events', 'engine', 'health', 'network', 'volume'].map(
  (name) => `test/integration/${name}`,
)

// Before the first test, since some of root's look at the machine as an ordinary user does.
const ensureUsers = () => ({
  user: ensureUser('tsctest', { subordinateIds: true }),
  single: ensureUser('tsctest1', { subordinateIds: false }),
})

const ordinaryUsers = ({ user, single }, fixtures, filters) => {
  const tree = treeFor(user)
  try {
    const options = (who) => ({ tree: tree.path, ...asUser(who, { ...fixtures, ...(process.env.CI && { CI: '1' }) }) })
    const quickstart = ['scripts/quickstart.mjs']
    const parts = [vitest(`vitest as ${user.name}`, 'user', [...engineTests, ...filters], options(user))]
    if (filters.length > 0) return parts
    return [
      ...parts,
      vitest(`vitest as ${single.name}, one id`, 'single', [...engineTests, ...singleTests], options(single)),
      check(`quickstart as ${user.name}`, process.execPath, quickstart, { cwd: tree.path, ...asUser(user) }),
      check(`quickstart as ${single.name}`, process.execPath, quickstart, { cwd: tree.path, ...asUser(single) }),
    ]
  } finally {
    tree.remove()
  }
}

const hasRange = (file) => existsSync(file) && readFileSync(file, 'utf8').includes(`${userInfo().username}:`)
const ownIds = () => (['/etc/subuid', '/etc/subgid'].every(hasRange) ? 'user' : 'single')

await script(() => {
  const filters = process.argv.slice(2)
  setup({ tests: true })
  const fixtures = ensureFixtures()
  const env = { ...process.env, ...fixtures }
  const users = isRoot ? ensureUsers() : undefined
  const parts = filters.length > 0 ? [] : staticChecks()
  const kind = isRoot ? 'root' : ownIds()
  parts.push(vitest(isRoot ? 'vitest as root' : 'vitest', kind, [...everything, ...filters], { env, tree: top }))
  if (users) parts.push(...ordinaryUsers(users, fixtures, filters))
  return summarize(parts)
})
