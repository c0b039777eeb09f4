// SPDX-License-Identifier: Apache-2.0
// Runs the cells of this machine: who × which cgroups.
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { top } from '../../scripts/lib/paths.mjs'
import { asUser, ensureUser, treeFor } from '../../scripts/lib/users.mjs'
import { asDelegated, isUnified } from '../vm/delegate.mjs'

const hidden = 'mount -t tmpfs none /sys/fs/cgroup'
const readOnly = `awk '$9 ~ /^cgroup2?$/ || $8 ~ /^cgroup2?$/ { print $5 }' /proc/self/mountinfo | while read -r point; do
  mount -o remount,bind,ro "$point"; done`
const inside = (change) => ['unshare', '-m', 'sh', '-c', `${change}; exec "$@"`, 'sh']
const become = ({ uid, gid, name }) =>
  uid === 0 ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, name ? '--init-groups' : '--clear-groups']

/** Columns: how the cgroups are, and the command that makes them so and becomes the user. */
const columns = () => [
  isUnified()
    ? { cgroups: 'v2', enter: (who) => (who.uid === 0 ? [] : asDelegated(who)) }
    : { cgroups: 'v1 hybrid', enter: become },
  { cgroups: 'none (hidden)', enter: (who) => [...inside(hidden), ...become(who)] },
  { cgroups: 'none (read-only)', enter: (who) => [...inside(readOnly), ...become(who)] },
]

const people = () => [
  { who: 'root', uid: 0, gid: 0, name: 'root', home: '/root' },
  { who: 'subordinate ids', ...ensureUser('tsctest', { subordinateIds: true }) },
  { who: 'one id', ...ensureUser('tsctest1', { subordinateIds: false }) },
]

const runCell = (person, { cgroups, enter }, { directory, timeout }) => {
  const tree = person.uid === 0 ? top : treeFor(person).path
  const { env } = asUser(person, { TMPDIR: directory })
  const [command, ...args] = [...enter(person), process.execPath, join(tree, 'test/matrix/cell.mjs'), directory]
  const { status, signal, stdout, stderr } = spawnSync(command, args, { cwd: '/', env, encoding: 'utf8', timeout })
  const line = stdout?.trim().split('\n').at(-1) ?? ''
  const report = line.startsWith('{') ? JSON.parse(line) : { error: `${signal ?? status}: ${stdout}${stderr}` }
  return { who: person.who, cgroups, ok: status === 0, ...report }
}

/** One object for each cell; `directory` is writable for everybody. */
export const runCells = ({ directory, slow }) => {
  mkdirSync(directory, { recursive: true })
  chmodSync(directory, 0o1777)
  const options = { directory, timeout: 60_000 * slow }
  return people().flatMap((person) => columns().map((column) => runCell(person, column, options)))
}
