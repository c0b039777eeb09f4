// SPDX-License-Identifier: Apache-2.0
// Inside the virtual machine: vitest as root, and as an ordinary user who owns a cgroup, as systemd would delegate one.
import { chmodSync, chownSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { doctest, summarize, vitest } from '../../scripts/lib/counts.mjs'
import { ensureFixtures } from '../../scripts/lib/fixtures.mjs'
import { releaseDir, top } from '../../scripts/lib/paths.mjs'
import { must, script } from '../../scripts/lib/run.mjs'
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
  'network/networks-break-on-purpose',
].map((path) => `test/integration/${path}`)
// They bind the checkout into containers of root's, whose ids the overlay that is the guest's root cannot show.
const bound = ['test/integration/ci-container']

// What attacks a container from within, where control groups and the kernel are others.
const attacks = ['test/adversarial/runtime']

const given = process.argv.slice(2)
const isBound = (filter) => bound.some((path) => filter.includes(path))
const everything = given.length > 0 ? given : [...usual, ...attacks, ...bound]
const ordinary = everything.filter((filter) => !isBound(filter))

// Without what tests do not load, which is most of it.
const checkoutOnDisk = () => {
  const path = join(process.env.TSC_TEST_ROOT, 'checkout')
  mkdirSync(path)
  const left = ['.git', 'build/CMakeFiles', 'node_modules/@biomejs', 'node_modules/@oven', 'node_modules/@shikijs']
  const without = left.map((name) => `--exclude=./${name}`)
  must('sh', ['-c', 'path=$1; shift; tar -cf - "$@" . | tar -xf - -C "$path"', 'sh', path, ...without])
  return path
}

const asDelegatedUser = (user) => {
  const root = join(process.env.TSC_TEST_ROOT, user.name)
  mkdirSync(root, { recursive: true })
  chownSync(root, user.uid, user.gid)
  chmodSync(root, 0o755)
  const { TSC_TEST_SLOW, TSC_TEST_DEBIAN, TSC_TEST_SERVICES } = process.env
  const { env } = asUser(user, { TSC_TEST_ROOT: root, TSC_TEST_SLOW, TSC_TEST_DEBIAN, TSC_TEST_SERVICES })
  return { env, prefix: asDelegated(user) }
}

// Nothing wanted is nothing run: to vitest it would be everything.
const run = (name, kind, wanted, options) =>
  wanted.length > 0
    ? [vitest(name, kind, ['--project', 'integration', '--project', 'adversarial', ...wanted], options())]
    : []

await script(() => {
  if (!isUnified()) throw new Error('/sys/fs/cgroup is not a cgroup v2 tree')
  Object.assign(process.env, ensureFixtures(), { TSC_TEST_OWN_MACHINE: '1' })
  const user = ensureUser('tsctest', { subordinateIds: true })
  const tree = treeFor(user)
  const asRoot = () => [
    doctest('C++ tests of cgroups', join(releaseDir, 'tscontainer-tests'), { args: ['--source-file=*cgroup*'] }),
    ...run('vitest as root, cgroup v2', 'vm', ordinary, () => ({ tree: top })),
    ...run('vitest as root, cgroup v2, from a disk', 'vm', everything.filter(isBound), () => ({
      tree: checkoutOnDisk(),
    })),
  ]
  const asOrdinary = () =>
    run(`vitest as ${user.name}, cgroup v2`, 'vm-user', everything, () => ({
      tree: tree.path,
      ...asDelegatedUser(user),
    }))
  const { TSC_VM_WHO: who = 'both' } = process.env
  return summarize([...(who === 'user' ? [] : asRoot()), ...(who === 'root' ? [] : asOrdinary())])
})
