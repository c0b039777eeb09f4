// SPDX-License-Identifier: Apache-2.0
// What the host must have, how to see that it is there, and what Debian calls it.
import { accessSync, constants, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { LACKING, run, Stop } from './run.mjs'

/** Whether a program is in PATH, or where administrators have theirs. */
export const command = (name) => () =>
  [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'].some((dir) => {
    try {
      accessSync(join(dir, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })

const libraryDirs = () => {
  const bases = ['/usr/lib', '/usr/lib64', '/usr/local/lib']
  const triplets = existsSync('/usr/lib') ? readdirSync('/usr/lib').filter((name) => name.includes('-linux-')) : []
  return [...bases, ...triplets.map((name) => join('/usr/lib', name))]
}
const header = (name) =>
  ['/usr/include', '/usr/local/include', '/usr/include/node'].some((dir) => existsSync(join(dir, name)))
const library = (name) => libraryDirs().some((dir) => existsSync(join(dir, name)))
const development = (file, archive) => () => header(file) && (!archive || library(archive))

export const buildPackages = [
  { name: 'g++', present: command('g++') },
  { name: 'cmake', present: command('cmake') },
  { name: 'make', present: () => command('make')() || command('ninja')() },
  { name: 'libc6-dev', present: () => library('libc.a') },
  { name: 'libseccomp-dev', present: development('seccomp.h', 'libseccomp.a') },
  { name: 'zlib1g-dev', present: development('zlib.h', 'libz.a') },
  { name: 'libzstd-dev', present: development('zstd.h', 'libzstd.a') },
  { name: 'libbz2-dev', present: development('bzlib.h', 'libbz2.a') },
  { name: 'liblzma-dev', present: development('lzma.h', 'liblzma.a') },
  { name: 'libssl-dev', present: development('openssl/sha.h', 'libcrypto.a') },
  { name: 'nlohmann-json3-dev', present: development('nlohmann/json.hpp') },
  { name: 'libuv1-dev', present: development('uv.h') },
]

/** Installed along with them where we may: the tests compile the packed package a second time. */
export const speedPackages = [{ name: 'ccache', present: command('ccache') }]

/** Containers run without these, but an ordinary user gets one id instead of a range. */
export const runPackages = [{ name: 'uidmap', present: command('newuidmap') }]

export const testPackages = [
  { name: 'doctest-dev', present: development('doctest/doctest.h') },
  { name: 'busybox-static', present: command('busybox') },
  { name: 'attr', present: command('setfattr') },
  { name: 'libcap2-bin', present: command('setcap') },
  { name: 'libarchive-tools', present: command('bsdtar') },
  { name: 'python3', present: command('python3') },
  { name: 'mmdebstrap', present: command('mmdebstrap') },
  { name: 'skopeo', present: command('skopeo') },
  { name: 'umoci', present: command('umoci') },
  { name: 'buildah', present: command('buildah') },
  { name: 'pass', present: command('pass') },
  { name: 'golang-docker-credential-helpers', present: command('docker-credential-pass') },
  { name: 'e2fsprogs', present: command('mkfs.ext4') },
  { name: 'openssh-client', present: command('ssh-agent') },
  { name: 'openssl', present: command('openssl') },
  { name: 'tmux', present: command('tmux') },
  { name: 'procps', present: command('top') },
  { name: 'vim-tiny', present: () => ['vim.basic', 'vim.tiny', 'vim.nox'].some((name) => command(name)()) },
  { name: 'docker-registry', present: command('docker-registry') },
  { name: 'nftables', present: command('nft') },
  { name: 'iproute2', present: command('ip') },
  { name: 'curl', present: command('curl') },
  { name: 'iperf3', present: command('iperf3') },
  { name: 'musl-tools', present: command('musl-gcc') },
  { name: 'iptables', present: command('iptables-nft') },
  { name: 'docker.io', present: command('dockerd') },
  { name: 'containerd', present: command('ctr') },
  { name: 'podman', present: command('podman') },
  { name: 'bzip2', present: command('bzip2') },
  { name: 'xz-utils', present: command('xz') },
  { name: 'zstd', present: command('zstd') },
  { name: 'passt', present: command('pasta') },
  { name: 'slirp4netns', present: command('slirp4netns') },
  { name: 'git', present: command('git') },
  { name: 'shellcheck', present: command('shellcheck') },
]

const below = (dir) => (existsSync(dir) ? readdirSync(dir).map((name) => join(dir, name)) : [])
const runtimeDirs = () =>
  below('/usr/lib')
    .filter((path) => path.includes('/llvm-'))
    .flatMap((path) => below(join(path, 'lib/clang')))
    .map((path) => join(path, 'lib/linux'))
    .filter(existsSync)
const isFuzzer = (name) => name.startsWith('libclang_rt.fuzzer')

/** Of `npm run fuzz` alone. */
export const fuzzPackages = [
  { name: 'clang', present: command('clang++') },
  { name: 'libclang-rt-14-dev', present: () => runtimeDirs().some((dir) => readdirSync(dir).some(isFuzzer)) },
]

/** For `npm run lint:native`. */
export const lintPackages = [{ name: 'clang-tidy', present: command('clang-tidy') }]

const imported = (path) => () => existsSync(join('/usr/share/gocode/src/github.com', path))

/** For `npm run test:conformance`: what its suite is compiled with, and the runtime that it is compared with. */
export const conformancePackages = [
  { name: 'golang-go', present: command('go') },
  { name: 'golang-github-opencontainers-runtime-tools-dev', present: imported('opencontainers/runtime-tools') },
  { name: 'golang-github-google-uuid-dev', present: imported('google/uuid') },
  { name: 'runc', present: command('runc') },
]

export const missing = (packages) => packages.filter(({ present }) => !present()).map(({ name }) => name)

const isDebian = () => {
  try {
    return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync('/etc/os-release', 'utf8')) && command('apt-get')()
  } catch {
    return false
  }
}

const policy = '/usr/sbin/policy-rc.d'

// Tests start what they need by themselves: a daemon that came with a package would change the machine for everybody on it (invoke-rc.d(8)).
const withoutServices = (work) => {
  let made = false
  try {
    writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755, flag: 'wx' })
    made = true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
  try {
    return work()
  } finally {
    if (made) rmSync(policy)
  }
}

/** Installs `names` where that is ours to do (root on Debian or Ubuntu), else stops with the command that does it. */
export const install = (names) => {
  if (names.length === 0) return
  const args = ['install', '-y', '--no-install-recommends', ...names]
  if (!isDebian()) {
    throw new Stop(`Missing: ${names.join(', ')} (Debian's names). Install them with the package manager.`, LACKING)
  }
  if (process.getuid() !== 0) {
    throw new Stop(`Missing: ${names.join(', ')}. As root run:\n  apt-get ${args.join(' ')}`, LACKING)
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  console.log('+ apt-get update')
  if (run('apt-get', ['-q', 'update'], { env, stdio: ['ignore', 'ignore', 'inherit'] }) !== 0) {
    console.error('apt-get update failed; trying with the package lists that are there')
  }
  console.log(`+ apt-get ${args.join(' ')}`)
  if (withoutServices(() => run('apt-get', ['-q', ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] })) !== 0) {
    throw new Stop(`apt-get could not install: ${names.join(' ')}`, LACKING)
  }
  const all = [
    ...[...buildPackages, ...speedPackages, ...runPackages, ...testPackages],
    ...[...fuzzPackages, ...lintPackages, ...conformancePackages],
  ]
  const still = missing(all.filter(({ name }) => names.includes(name)))
  if (still.length > 0) throw new Stop(`Installed, yet not found: ${still.join(', ')}`, LACKING)
}
