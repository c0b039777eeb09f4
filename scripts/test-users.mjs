// SPDX-License-Identifier: Apache-2.0
// The ordinary users' part of the tests, by root; what came of it goes to the file that TSC_TEST_PARTS names.
import { writeFileSync } from 'node:fs'
import { ensureFixtures } from './lib/fixtures.mjs'
import { script } from './lib/run.mjs'
import { testAsUsers } from './lib/test-as-users.mjs'
import { ensureTestUsers } from './lib/users.mjs'

await script(() => {
  const parts = testAsUsers(ensureTestUsers(), ensureFixtures(), [])
  writeFileSync(process.env.TSC_TEST_PARTS, JSON.stringify(parts))
})
