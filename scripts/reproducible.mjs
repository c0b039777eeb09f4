// SPDX-License-Identifier: Apache-2.0
// Builds the package twice, in two directories and in as different a way as can be, and compares the two to the byte.
//   node scripts/reproducible.mjs [--arch x64] [--arch arm64] [--without-native]
// Without --arch the native build is for this machine; with --without-native the prebuilds of this checkout are in both.
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { comparePackages } from './lib/compare-packages.mjs'
import { freshCopy } from './lib/fresh-copy.mjs'
import { must, Stop, script } from './lib/run.mjs'
import { ensureSysroot } from './lib/sysroot.mjs'
import { targets } from './lib/targets.mjs'

const locales = () => spawnSync('locale', ['--all-locales'], { encoding: 'utf8' }).stdout?.split('\n') ?? []
// Turkish, where it is installed, for its letter i.
const otherLocale = () => locales().find((name) => name.startsWith('tr_TR')) ?? 'C'

// Its cache would hand the one the output of the other.
const common = { PATH: process.env.PATH, CCACHE_DISABLE: '1' }
const ways = (scratch) => [
  { directory: join(scratch, 'a'), umask: 0o022, env: { ...common, HOME: scratch, TZ: 'UTC', LC_ALL: 'C.UTF-8' } },
  {
    directory: join(scratch, 'a longer name/of another depth'),
    umask: 0o077,
    env: {
      ...common,
      HOME: '/',
      USER: 'somebody',
      TZ: 'Pacific/Kiritimati',
      LC_ALL: otherLocale(),
      CMAKE_BUILD_PARALLEL_LEVEL: '1',
    },
  },
]

const copy = ({ directory, umask }, { shared }) => {
  process.umask(umask)
  mkdirSync(directory, { recursive: true })
  freshCopy(directory, ['node_modules', ...shared])
}

const pack = ({ directory, umask, env }, { arch }) => {
  process.umask(umask)
  const options = { cwd: directory, env: { ...env, npm_config_cache: join(directory, 'npm-cache') } }
  if (arch.length > 0) must('node', ['scripts/prebuild.mjs', ...arch.flatMap((one) => ['--arch', one])], options)
  must('node', ['-e', 'import("./scripts/lib/build.mjs").then((build) => build.ensureDist())'], options)
  must('node', ['scripts/prepack.mjs', '--built'], options)
  must('npm', ['pack', '--silent', '--ignore-scripts'], options)
  return join(
    directory,
    readdirSync(directory).find((name) => name.endsWith('.tgz')),
  )
}

const plan = () => {
  const { values } = parseArgs({
    options: { arch: { type: 'string', multiple: true }, 'without-native': { type: 'boolean' } },
  })
  if (values['without-native']) return { arch: [], shared: ['prebuilds'] }
  const arch = values.arch ?? [process.arch]
  // Debian may get a newer library between the two.
  for (const target of targets.filter((one) => arch.includes(one.arch))) ensureSysroot(target)
  return { arch, shared: arch.map((one) => `build-sysroot-${one}`) }
}

await script(() => {
  const what = plan()
  const scratch = mkdtempSync(join(tmpdir(), 'tscontainer-reproducible-'))
  chmodSync(scratch, 0o755)
  try {
    const both = ways(scratch)
    // Before the first is built: the checkout may change meanwhile.
    for (const way of both) copy(way, what)
    const [first, second] = both.map((way) => pack(way, what))
    const differences = comparePackages(first, second)
    if (differences.length > 0) throw new Stop(`The two packages differ:\n${differences.join('\n')}`)
    console.log('Both packages are the same to the byte.')
  } finally {
    rmSync(scratch, { recursive: true })
  }
})
