// SPDX-License-Identifier: Apache-2.0
// The development packages of one architecture, unpacked into a directory: Debian's newest, whatever this machine has installed, and
// without a change to it. apt verifies them as always.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { top } from './paths.mjs'
import { must, Stop } from './run.mjs'

// The first three are what the addon, and the tests, load; doctest is for the tests alone.
const packages = [
  ...['libc6', 'libgcc-s1', 'libstdc++6', 'libc6-dev', 'libcrypt-dev', 'linux-libc-dev'],
  ...['libseccomp-dev', 'zlib1g-dev', 'libzstd-dev', 'libbz2-dev', 'liblzma-dev', 'libssl-dev'],
  'libbz2-1.0', // has the licence of libbz2-dev
  ...['nlohmann-json3-dev', 'libuv1-dev', 'doctest-dev'],
]

const output = (command, args, options) => {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    ...options,
  })
  if (error || status !== 0) throw new Stop(`${command} ${args[0]}: ${error?.message ?? stderr}`)
  return stdout
}

const aptOptions = (debian, state) => {
  const settings = {
    'APT::Architecture': debian,
    'APT::Architectures': debian,
    'Dir::State::Lists': join(state, 'lists'),
    'Dir::State::status': join(state, 'status'),
    'Dir::Cache': join(state, 'cache'),
    'Acquire::Languages': 'none',
    'APT::Sandbox::User': '',
  }
  return Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`])
}

const download = (debian, state) => {
  for (const name of ['lists/partial', 'cache/archives/partial', 'debs'])
    mkdirSync(join(state, name), { recursive: true })
  writeFileSync(join(state, 'status'), '')
  const options = aptOptions(debian, state)
  console.log(`+ apt-get download ${packages.map((name) => `${name}:${debian}`).join(' ')}`)
  must('apt-get', ['-q', ...options, 'update'], { stdio: ['ignore', 'ignore', 'inherit'] })
  const cwd = join(state, 'debs')
  must('apt-get', ['-q', ...options, 'download', ...packages], { cwd, stdio: ['ignore', 'ignore', 'inherit'] })
  return readdirSync(cwd)
    .filter((name) => name.endsWith('.deb'))
    .sort()
    .map((name) => join(cwd, name))
}

/** The fields of dpkg-deb and dpkg-query from which {@link readFacts} reads. */
export const factsFormat = `${['Package', 'source:Package', 'source:Version', 'Built-Using'].map((field) => `\${${field}}`).join('\t')}\n`

/** Of each line: the package, and the source package that it was built from, that of a cross compiler's libraries being the compiler's. */
export const readFacts = (text) =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [name, source, version, builtUsing] = line.split('\t')
      const [, used, usedVersion] = source.endsWith('-cross') ? (/^(gcc-\d+) \(= (\S+)\)/.exec(builtUsing) ?? []) : []
      return { name, source: used ?? source, version: usedVersion ?? version }
    })

const unpack = (deb, root) => {
  must('dpkg-deb', ['--extract', deb, root])
  const [facts] = readFacts(output('dpkg-deb', ['--show', `--showformat=${factsFormat}`, deb]))
  const listing = output('tar', ['--list'], {
    input: spawnSync('dpkg-deb', ['--fsys-tarfile', deb], { maxBuffer: 1 << 28 }).stdout,
  })
  const files = listing.split('\n').filter((file) => /\.(a|o|hpp)$/.test(file))
  return { ...facts, files: files.map((file) => file.slice(1)) }
}

/** Made once for a checkout: remove it to have what Debian has now. */
export const ensureSysroot = ({ arch, debian }) => {
  const root = join(top, `build-sysroot-${arch}`)
  if (existsSync(root)) return root
  const part = `${root}-part`
  rmSync(part, { recursive: true, force: true })
  const state = join(part, 'apt')
  const unpacked = download(debian, state).map((deb) => unpack(deb, part))
  rmSync(state, { recursive: true })
  writeFileSync(join(part, 'packages.json'), `${JSON.stringify(unpacked)}\n`)
  renameSync(part, root)
  return root
}

/** What {@link ensureSysroot} unpacked: `{name, source, version, files}`, files by their paths below it. */
export const packagesOf = (root) => JSON.parse(readFileSync(join(root, 'packages.json'), 'utf8'))
