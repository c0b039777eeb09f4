// SPDX-License-Identifier: Apache-2.0
import { check, vitest } from './counts.mjs'
import { asUser } from './users.mjs'

const engineTests = ['contract', 'integration', 'adversarial'].flatMap((name) => ['--project', name])

// With the one id of its caller an engine is another one: containers, their commands and files, events and all that an engine is.
const singleTests = ['rootless', 'container', 'exec', 'files', 'events', 'engine', 'health', 'network', 'volume'].map(
  (name) => `test/integration/${name}`,
)

const environment = (fixtures) => {
  const { CI, TSC_TEST_ALL } = process.env
  return { ...fixtures, ...(CI && { CI: '1' }), ...(TSC_TEST_ALL && { TSC_TEST_ALL }) }
}

const quickstart = (user, tree) =>
  check(`quickstart as ${user.name}`, process.execPath, ['scripts/quickstart.mjs'], { cwd: tree, ...asUser(user) })

/** The tests as the ordinary user with subordinate ids, by root, in a `tree` that it can read; with `filters` (vitest's) those alone. */
export const testAsUser = ({ user, fixtures, tree, filters = [] }) => {
  const options = { tree, ...asUser(user, environment(fixtures)) }
  const tests = vitest(`vitest as ${user.name}`, 'user', [...engineTests, ...filters], options)
  return filters.length > 0 ? [tests] : [tests, quickstart(user, tree)]
}

/** Those for which it matters that a user has one id, as such a user, by root. */
export const testAsSingle = ({ user, fixtures, tree }) => {
  const options = { tree, ...asUser(user, environment(fixtures)) }
  const tests = vitest(`vitest as ${user.name}, one id`, 'single', [...engineTests, ...singleTests], options)
  return [tests, quickstart(user, tree)]
}
