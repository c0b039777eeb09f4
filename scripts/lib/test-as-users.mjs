// SPDX-License-Identifier: Apache-2.0
import { check, vitest } from './counts.mjs'
import { asUser, treeFor } from './users.mjs'

const engineTests = ['contract', 'integration', 'adversarial'].flatMap((name) => ['--project', name])

// With the one id of its caller an engine is another one: containers, their commands and files, events and all that an engine is.
const singleTests = ['rootless', 'container', 'exec', 'files', 'events', 'engine', 'health', 'network', 'volume'].map(
  (name) => `test/integration/${name}`,
)

/** The tests as ordinary users, by root: with `filters` those of vitest alone, and as the user with subordinate ids alone. */
export const testAsUsers = ({ user, single }, fixtures, filters) => {
  const tree = treeFor(user)
  try {
    const { CI, TSC_TEST_ALL } = process.env
    const given = { ...fixtures, ...(CI && { CI: '1' }), ...(TSC_TEST_ALL && { TSC_TEST_ALL }) }
    const options = (who) => ({ tree: tree.path, ...asUser(who, given) })
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
