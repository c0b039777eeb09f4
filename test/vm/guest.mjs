// SPDX-License-Identifier: Apache-2.0
// Inside the virtual machine: vitest as root, and as an ordinary user who owns a cgroup, as systemd would delegate one.
import { chmodSync, chownSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { doctest, summarize, vitest } from '../../scripts/lib/counts.mjs'
import { ensureFixtures } from '../../scripts/lib/fixtures.mjs'
import { releaseDir } from '../../scripts/lib/paths.mjs'
import { script } from '../../scripts/lib/run.mjs'
import { asUser, ensureUser, treeFor } from '../../scripts/lib/users.mjs'
import { asDelegated, isUnified } from './delegate.mjs'

// What cgroups, privileges and start-up decide about. An ordinary file takes half a minute here; those that start many Nodes take five.
const usual = [
  'rootless/ids',
  'rootless/limits',
  'probe/',
  'exec/exec-collects',
  'exec/execs-are-found',
  'exec/limits-of-one-command',
  'events/',
  'health/checks-are-contained',
  'container/connections-lead-inside',
  'container/detached-containers',
  'container/disk-quotas-hold',
  'container/every-option-has-an-effect',
  'container/lifecycle-is-one-table',
  'container/limits-are-changed',
  'container/limits-hold',
  'container/lives-have-limits',
  'container/pausing-holds-nobody-up',
  'container/pressure-is-told',
  'container/restarts-follow',
  'container/stats-say',
  'native/supervisor-starts',
].map((path) => `test/integration/${path}`)
const given = process.argv.slice(2)
const args = ['--project', 'integration', ...(given.length > 0 ? given : usual)]

const asDelegatedUser = (user) => {
  const root = join(process.env.TSC_TEST_ROOT, user.name)
  mkdirSync(root, { recursive: true })
  chownSync(root, user.uid, user.gid)
  chmodSync(root, 0o755)
  const { TSC_TEST_SLOW, TSC_TEST_DEBIAN, TSC_TEST_SERVICES } = process.env
  const { env } = asUser(user, { TSC_TEST_ROOT: root, TSC_TEST_SLOW, TSC_TEST_DEBIAN, TSC_TEST_SERVICES })
  return { env, prefix: asDelegated(user) }
}

await script(() => {
  if (!isUnified()) throw new Error('/sys/fs/cgroup is not a cgroup v2 tree')
  Object.assign(process.env, ensureFixtures())
  const user = ensureUser('tsctest', { subordinateIds: true })
  const tree = treeFor(user)
  const asRoot = () => [
    doctest('C++ tests of cgroups', join(releaseDir, 'tscontainer-tests'), { args: ['--source-file=*cgroup*'] }),
    vitest('vitest as root, cgroup v2', 'vm', args),
  ]
  const asOrdinary = () => [
    vitest(`vitest as ${user.name}, cgroup v2`, 'vm-user', args, { tree: tree.path, ...asDelegatedUser(user) }),
  ]
  const { TSC_VM_WHO: who = 'both' } = process.env
  return summarize([...(who === 'user' ? [] : asRoot()), ...(who === 'root' ? [] : asOrdinary())])
})
