// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process'
import { chmod, chown, cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const top = join(import.meta.dirname, '../..')
const sources = ['addon', 'cmake', 'scripts', 'src', 'CMakeLists.txt', 'package.json', 'package-lock.json']
const nobody = 65_534
const isRoot = process.getuid?.() === 0

/** A checkout that was never built, with its node_modules complete as far as can be seen; an ordinary user's. */
let checkout: string
beforeAll(async () => {
  checkout = await mkdtemp(join(tmpdir(), 'tscontainer-checkout-'))
  await chmod(checkout, 0o755)
  for (const name of sources) await cp(join(top, name), join(checkout, name), { recursive: true })
  await mkdir(join(checkout, 'node_modules'))
  const lock = 'node_modules/.package-lock.json'
  await cp(join(top, lock), join(checkout, lock))
  // What a minimal Debian has, as far as it matters here.
  await mkdir(join(checkout, 'bin'))
  await symlink('/usr/bin/apt-get', join(checkout, 'bin/apt-get'))
  if (isRoot) await chown(checkout, nobody, nobody)
})
afterAll(() => rm(checkout, { recursive: true }))

const asOrdinaryUser = isRoot ? { uid: nobody, gid: nobody } : {}

test('an ordinary user without a compiler reads which packages are missing, and 3', () => {
  const env = { PATH: join(checkout, 'bin'), HOME: '/nonexistent' }
  const options = { cwd: checkout, env, encoding: 'utf8' as const, ...asOrdinaryUser }
  const { status, stderr } = spawnSync(process.execPath, ['scripts/quickstart.mjs'], options)
  expect(stderr).toMatch(/^Missing: g\+\+, cmake, make/m)
  expect(stderr).toMatch(/As root run:\n {2}apt-get install -y --no-install-recommends g\+\+ cmake make/)
  expect(stderr).not.toContain('    at ')
  expect(status).toBe(3)
}, 60_000)

test('on a host that cannot run containers quickstart prints the report, and 3', () => {
  // User namespaces are switched off in one of the test's own; the checkout is this one, built.
  const script = 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$0" scripts/quickstart.mjs'
  const args = ['--user', '--map-root-user', 'sh', '-c', script, process.execPath]
  const { status, stdout, stderr } = spawnSync('unshare', args, { cwd: top, encoding: 'utf8' })
  expect(stderr).toContain('This machine can not run containers.')
  expect(stderr).toContain('sysctl -w user.max_user_namespaces=')
  expect(stdout).not.toContain('Done in')
  expect(status).toBe(3)
}, 60_000)
