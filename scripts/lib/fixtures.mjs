// SPDX-License-Identifier: Apache-2.0
// What tests need and cannot make quickly: real Debian root filesystems, made once by mmdebstrap from the machine's own mirror.
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { must } from './run.mjs'

const suite = () => /^VERSION_CODENAME=(\w+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'bookworm'

const shared = '/var/cache/tscontainer-test'
const place = () => (process.getuid() === 0 ? shared : join(homedir(), '.cache/tscontainer-test'))

const ensureRoot = (kind, given, options) => {
  const name = `${kind}-${suite()}.tar`
  const ready = [given, join(shared, name), join(place(), name)].find((path) => path && existsSync(path))
  if (ready) return ready
  const tar = join(place(), name)
  mkdirSync(place(), { recursive: true, mode: 0o755 })
  const args = ['--variant=minbase', '--quiet', ...options, suite(), `${tar}.part.tar`]
  console.log(`+ mmdebstrap ${args.join(' ')}`)
  must('mmdebstrap', args, { cwd: '/' })
  chmodSync(`${tar}.part.tar`, 0o644)
  renameSync(`${tar}.part.tar`, tar)
  return tar
}

// What no test looks at: half of it otherwise, and unpacked for each.
const unread = [
  'usr/lib/*/libLLVM*',
  'usr/lib/*/libz3*',
  'usr/lib/postgresql/*/lib/bitcode',
  'usr/lib/postgresql/*/lib/llvmjit*',
  'usr/share/{doc,i18n,info,locale,man}',
  'var/lib/postgresql/*',
]

const services = [
  '--include=postgresql,redis-server,nginx-light',
  '--aptopt=APT::Install-Recommends "false"',
  `--customize-hook=bash -c 'cd "$0" && rm -rf ${unread.join(' ')}' "$1"`,
]

const toolchain = [
  '--include=gcc,libc6-dev,make,wget',
  '--aptopt=APT::Install-Recommends "false"',
  `--customize-hook=bash -c 'cd "$0" && rm -rf usr/share/{doc,i18n,info,locale,man} usr/lib/gcc/*/*/lto*' "$1"`,
]

const classic = [
  '--include=mariadb-server,nginx-light,php-fpm,php-mysql,php-redis,redis-server',
  '--aptopt=APT::Install-Recommends "false"',
  `--customize-hook=bash -c 'cd "$0" && rm -rf usr/share/{doc,i18n,info,locale,man} var/lib/mysql/*' "$1"`,
]

/**
 * Paths, by the names of the variables in which tests look for them and which override: a tar with a minimal Debian, one with PostgreSQL,
 * Redis and nginx in it, one with a C compiler, make and wget, and with TSC_TEST_ALL one with nginx, PHP, MariaDB and Redis. Readable for
 * everybody.
 */
export const ensureFixtures = () => ({
  TSC_TEST_DEBIAN: ensureRoot('debian', process.env.TSC_TEST_DEBIAN, []),
  TSC_TEST_SERVICES: ensureRoot('services', process.env.TSC_TEST_SERVICES, services),
  TSC_TEST_TOOLCHAIN: ensureRoot('toolchain', process.env.TSC_TEST_TOOLCHAIN, toolchain),
  ...(process.env.TSC_TEST_ALL && {
    TSC_TEST_CLASSIC: ensureRoot('classic', process.env.TSC_TEST_CLASSIC, classic),
  }),
})
