// SPDX-License-Identifier: Apache-2.0
// The part of one ordinary user, `user` or `single`, by root; what came of it goes to the file that TSC_TEST_PARTS names.
import { writeFileSync } from 'node:fs'
import { ensureFixtures } from './lib/fixtures.mjs'
import { script } from './lib/run.mjs'
import { testAsSingle, testAsUser } from './lib/test-as-users.mjs'
import { ensureTestUsers } from './lib/users.mjs'

await script(() => {
  const [kind, tree] = process.argv.slice(2)
  const test = kind === 'single' ? testAsSingle : testAsUser
  const parts = test({ user: ensureTestUsers()[kind], fixtures: ensureFixtures(), tree })
  writeFileSync(process.env.TSC_TEST_PARTS, JSON.stringify(parts))
})
