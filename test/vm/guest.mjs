// SPDX-License-Identifier: Apache-2.0
// Inside the virtual machine: vitest as root, and as an ordinary user who owns a cgroup, as systemd would delegate one.
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { summarize, vitest } from '../../scripts/lib/counts.mjs'
import { ensureDebian } from '../../scripts/lib/fixtures.mjs'
import { script } from '../../scripts/lib/run.mjs'
import { asUser, ensureUser, treeFor } from '../../scripts/lib/users.mjs'

const usual = ['cgroup', 'rootless', 'start', 'network', 'limits', 'lifecycle', 'exec'].map(
  (noun) => `test/integration/${noun}`,
)
const given = process.argv.slice(2)
const args = ['--project', 'integration', ...(given.length > 0 ? given : usual)]

const cgroups = '/sys/fs/cgroup'
const own = (path, { uid, gid }) => chownSync(path, uid, gid)

// <cgroups>/delegated/<user> belongs to the user, controllers included; its processes start in the leaf `session`.
const delegate = (user) => {
  const parent = join(cgroups, 'delegated')
  const subtree = join(parent, user.name)
  mkdirSync(join(subtree, 'session'), { recursive: true })
  const controllers = readFileSync(join(cgroups, 'cgroup.controllers'), 'utf8').trim().split(/\s+/)
  for (const name of controllers) writeFileSync(join(parent, 'cgroup.subtree_control'), `+${name}`)
  for (const path of [subtree, join(subtree, 'session')]) {
    own(path, user)
    for (const file of ['cgroup.procs', 'cgroup.threads', 'cgroup.subtree_control']) own(join(path, file), user)
  }
  return join(subtree, 'session')
}

const asDelegatedUser = (user) => {
  const root = join(process.env.TSC_TEST_ROOT, user.name)
  mkdirSync(root, { recursive: true })
  own(root, user)
  chmodSync(root, 0o755)
  const { TSC_TEST_SLOW, TSC_TEST_DEBIAN } = process.env
  const { env } = asUser(user, { TSC_TEST_ROOT: root, TSC_TEST_SLOW, TSC_TEST_DEBIAN })
  const enter = `echo $$ >${delegate(user)}/cgroup.procs && exec setpriv --reuid=${user.uid} --regid=${user.gid} --clear-groups "$@"`
  return { env, prefix: ['sh', '-c', enter, 'sh'] }
}

await script(() => {
  if (!existsSync(join(cgroups, 'cgroup.controllers'))) throw new Error(`${cgroups} is not a cgroup v2 tree`)
  process.env.TSC_TEST_DEBIAN = ensureDebian()
  const user = ensureUser('tsctest', { subordinateIds: true })
  const tree = treeFor(user)
  return summarize([
    vitest('vitest as root, cgroup v2', 'vm', args),
    vitest(`vitest as ${user.name}, cgroup v2`, 'vm-user', args, { tree: tree.path, ...asDelegatedUser(user) }),
  ])
})
