// SPDX-License-Identifier: Apache-2.0
import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const cgroups = '/sys/fs/cgroup'

/** Whether the whole of it is a cgroup v2 tree. */
export const isUnified = () => existsSync(join(cgroups, 'cgroup.controllers'))

/**
 * Delegates a cgroup to a user, as systemd would: <cgroups>/delegated/<name> belongs to the user, controllers included. Returns the leaf
 * in which the user's processes start. Neither needs removing: the machine is thrown away.
 */
export const delegate = (user) => {
  const parent = join(cgroups, 'delegated')
  const subtree = join(parent, user.name)
  mkdirSync(join(subtree, 'session'), { recursive: true })
  const controllers = readFileSync(join(cgroups, 'cgroup.controllers'), 'utf8').trim().split(/\s+/)
  for (const name of controllers) writeFileSync(join(parent, 'cgroup.subtree_control'), `+${name}`)
  for (const path of [subtree, join(subtree, 'session')]) {
    for (const file of ['', 'cgroup.procs', 'cgroup.threads', 'cgroup.subtree_control']) {
      chownSync(join(path, file), user.uid, user.gid)
    }
  }
  return join(subtree, 'session')
}

const become = (user) => ['setpriv', `--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups']

/** A command that runs the rest of its arguments as that user, in the cgroup that was delegated. */
export const asDelegated = (user) => {
  const enter = `echo $$ >${delegate(user)}/cgroup.procs && exec "$@"`
  return ['sh', '-c', enter, 'sh', ...become(user)]
}

/** The same in a cgroup of root's, in which the user can do nothing. */
export const asLogin = become
