// SPDX-License-Identifier: Apache-2.0
// Inside the virtual machine: vitest as root, as an ordinary user who owns a cgroup, as systemd would delegate one, and as one who has
// neither a cgroup nor subordinate ids.
import { chmodSync, chownSync, copyFileSync, mkdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { doctest, summarize, vitest } from '../../scripts/lib/counts.mjs'
import { ensureFixtures } from '../../scripts/lib/fixtures.mjs'
import { releaseDir, top } from '../../scripts/lib/paths.mjs'
import { must, Stop, script } from '../../scripts/lib/run.mjs'
import { asUser, ensureTestUsers, treeFor } from '../../scripts/lib/users.mjs'
import { asDelegated, asLogin, isUnified } from './delegate.mjs'
import { filtersOf } from './suites.mjs'

// They bind the checkout into containers of root's, whose ids the overlay that is the guest's root cannot show.
const bound = ['test/integration/ci-container']

const isBound = (filter) => bound.some((path) => filter.includes(path))
const everything = filtersOf(process.argv.slice(2))
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

const forTests = { TSC_TEST_OWN_MACHINE: '1', TSC_TEST_TOGETHER: '1', TSC_TEST_BUILT: '1' }
const rootsOwn = ['TSC_TEST_OWN_MACHINE', 'TSC_TEST_ALL']

// Tests bind it into containers of root's, too.
const busyboxOnDisk = () => {
  const path = join(process.env.TSC_TEST_ROOT, 'busybox')
  copyFileSync('/bin/busybox', path)
  chmodSync(path, 0o755)
  must('mount', ['--bind', path, realpathSync('/bin/busybox')])
}

const environmentOf = (user) => {
  const root = join(process.env.TSC_TEST_ROOT, user.name)
  mkdirSync(root, { recursive: true })
  chownSync(root, user.uid, user.gid)
  chmodSync(root, 0o755)
  const given = Object.entries(process.env).filter(([name]) => name.startsWith('TSC_TEST_') && !rootsOwn.includes(name))
  return asUser(user, { ...Object.fromEntries(given), TSC_TEST_ROOT: root }).env
}

// Nothing wanted is nothing run: to vitest it would be everything.
const run = (name, kind, wanted, options) =>
  wanted.length > 0
    ? [vitest(name, kind, ['--project', 'integration', '--project', 'adversarial', ...wanted], options())]
    : []

await script(() => {
  if (!isUnified()) throw new Error('/sys/fs/cgroup is not a cgroup v2 tree')
  Object.assign(process.env, ensureFixtures(), forTests)
  busyboxOnDisk()
  const { user, single } = ensureTestUsers()
  const tree = treeFor(user).path
  const asRoot = () => [
    doctest('C++ tests of cgroups', join(releaseDir, 'tscontainer-tests'), { args: ['--source-file=*cgroup*'] }),
    ...run('vitest as root, cgroup v2', 'vm', ordinary, () => ({ tree: top })),
    ...run('vitest as root, cgroup v2, from a disk', 'vm', everything.filter(isBound), () => ({
      tree: checkoutOnDisk(),
    })),
  ]
  const asOrdinary = (name, kind, whom, prefix) =>
    run(name, kind, everything, () => ({ tree, env: environmentOf(whom), prefix: prefix(whom) }))
  const parts = {
    root: asRoot,
    user: () => asOrdinary(`vitest as ${user.name}, cgroup v2`, 'vm-user', user, asDelegated),
    single: () => asOrdinary(`vitest as ${single.name}, one id, no cgroup`, 'vm-single', single, asLogin),
  }
  const { TSC_VM_WHO: who = 'root,user' } = process.env
  const unknown = who.split(',').find((name) => !(name in parts))
  if (unknown !== undefined) throw new Stop(`-w takes ${Object.keys(parts).join(', ')}, not ${unknown}`)
  return summarize(who.split(',').flatMap((name) => parts[name]()))
})
