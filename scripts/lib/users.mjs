// SPDX-License-Identifier: Apache-2.0
// The two ordinary users of the tests: `tsctest` has subordinate ids, `tsctest1` has none. Root makes them where they are missing.
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { top } from './paths.mjs'
import { must, Stop } from './run.mjs'

const passwd = (name) => {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`))
  const [, , uid, gid, , home] = line?.split(':') ?? []
  return line && { name, uid: Number(uid), gid: Number(gid), home }
}

const rangesOf = (file) => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [])

const freeStart = (file) => Math.max(100_000, ...rangesOf(file).map((line) => sumOf(line.split(':'))))
const sumOf = ([, start, count]) => Number(start) + Number(count)

// useradd gives a range by itself or not, as the distribution is set: what is wanted is written here.
const setRange = (file, name, wanted) => {
  const lines = rangesOf(file)
  const others = lines.filter((line) => !line.startsWith(`${name}:`))
  if (wanted === lines.length > others.length) return
  const range = wanted ? [`${name}:${freeStart(file)}:65536`] : []
  writeFileSync(file, `${[...others, ...range].join('\n')}\n`, { mode: 0o644 })
}

/** The user `name`, made if need be, with a range of 65,536 subordinate ids or with none. */
export const ensureUser = (name, { subordinateIds }) => {
  if (!passwd(name)) {
    console.log(`+ useradd --create-home ${name}`)
    must('useradd', ['--create-home', '--shell', '/bin/sh', name])
  }
  for (const file of ['/etc/subuid', '/etc/subgid']) setRange(file, name, subordinateIds)
  return passwd(name)
}

/** The two ordinary users, made where they are missing. */
export const ensureTestUsers = () => ({
  user: ensureUser('tsctest', { subordinateIds: true }),
  single: ensureUser('tsctest1', { subordinateIds: false }),
})

/** How to spawn as `user`: ids, and an environment as a fresh login without a session would have it. */
export const asUser = (user, env = {}) => ({
  uid: user.uid,
  gid: user.gid,
  env: {
    HOME: user.home,
    USER: user.name,
    LOGNAME: user.name,
    SHELL: '/bin/sh',
    LANG: process.env.LANG ?? 'C.UTF-8',
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ...env,
  },
})

const reads = (user, tree) => {
  const files = ['package.json', 'node_modules/vitest/package.json', 'dist/index.js', 'build/Release/tscontainer.node']
  const script = `process.argv.slice(1).forEach((file) => fs.accessSync(file, fs.constants.R_OK))`
  const paths = files.map((file) => join(tree, file))
  return spawnSync(process.execPath, ['-e', script, ...paths], { cwd: '/', ...asUser(user) }).status === 0
}

/** A tree that `user` can read: this checkout, or (it may lie below a home of mode 0700) a copy that `remove` deletes. */
export const treeFor = (user) => {
  if (reads(user, top)) return { path: top, remove: () => {} }
  const path = mkdtempSync('/var/tmp/tscontainer-tree-')
  console.log(`${top} is not readable for ${user.name}: its tests run in a copy, ${path}`)
  cpSync(top, path, { recursive: true, verbatimSymlinks: true, filter: (source) => basename(source) !== '.git' })
  must('chmod', ['-R', 'a+rX', path])
  chmodSync(path, 0o755)
  const remove = () => rmSync(path, { recursive: true, force: true })
  if (reads(user, path)) return { path, remove }
  remove()
  throw new Stop(`${user.name} can read neither ${top} nor a copy of it`)
}
