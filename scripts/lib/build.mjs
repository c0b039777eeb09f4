// SPDX-License-Identifier: Apache-2.0
// The three things that setup makes: node_modules, build/Release and dist. Each is left alone when it is up to date.
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { buildPackages, install, missing, speedPackages } from './packages.mjs'
import { addonName, releaseDir, supervisorName, top } from './paths.mjs'
import { bin, LACKING, must, Stop } from './run.mjs'
import { fingerprint, readStamp, writable, writeStamp } from './stamp.mjs'

const refuse = (path) => {
  if (writable(path)) return
  throw new Stop(`${path}/ is out of date and not ours to write. Run \`npm run setup\` as its owner.`, LACKING)
}

const lockOf = (path) => JSON.parse(readFileSync(join(top, path), 'utf8')).packages

const modulesAreCurrent = () => {
  if (!existsSync(join(top, 'node_modules/.package-lock.json'))) return false
  const installed = lockOf('node_modules/.package-lock.json')
  return Object.entries(lockOf('package-lock.json')).every(
    ([key, { version, optional, peer }]) => key === '' || optional || peer || installed[key]?.version === version,
  )
}

/** node_modules as package-lock.json says. Scripts of dependencies do not run: none of ours needs one. */
export const ensureModules = () => {
  if (modulesAreCurrent()) return false
  refuse('node_modules')
  console.log('+ npm ci')
  must('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'])
  return true
}

const nativeStamp = 'build/stamp.json'
const nativeInputs = ['CMakeLists.txt', 'cmake', 'addon', 'bench/native', 'test/fuzz']

/** Changes with what a native build for `arch` is made of. */
export const nativeFingerprint = (arch) => fingerprint(nativeInputs, arch)

// A build directory that was configured for another place (a copied checkout) cannot be used.
const dropForeignCache = () => {
  const cache = join(top, 'build/CMakeCache.txt')
  if (!existsSync(cache)) return
  const home = /^CMAKE_HOME_DIRECTORY:INTERNAL=(.*)$/m.exec(readFileSync(cache, 'utf8'))?.[1]
  if (home !== top) rmSync(join(top, 'build'), { recursive: true })
}

/** tscontainer.node and the supervisor, with `tests` also tscontainer-tests and the bench's programs. */
export const ensureNative = ({ tests }) => {
  const inputs = nativeFingerprint(process.arch)
  const before = readStamp(nativeStamp)
  const outputs = [addonName, supervisorName].every((name) => existsSync(join(releaseDir, name)))
  if (outputs && before?.inputs === inputs && (before.tests || !tests)) return false
  refuse('build')
  install(missing([...buildPackages, ...(process.getuid() === 0 ? speedPackages : [])]))
  dropForeignCache()
  const withTests = tests || before?.tests === true
  const state = withTests ? 'ON' : 'OFF'
  const options = ['--config', 'Release', '--log-level', 'warn', `--CDTSC_TESTS=${state}`, `--CDTSC_BENCH=${state}`]
  const [node, cmakeJs] = bin('cmake-js/bin/cmake-js')
  for (const step of ['configure', 'build']) {
    console.log(`+ cmake-js ${step}`)
    must(node, [cmakeJs, step, ...options])
  }
  writeStamp(nativeStamp, { inputs, tests: withTests })
  return true
}

const distStamp = 'dist/stamp.json'
const distInputs = [
  'src',
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'tsup.config.ts',
  'scripts/esm-entry.mjs',
]

/** dist/, from src/. */
export const ensureDist = () => {
  const inputs = fingerprint(distInputs)
  if (existsSync(join(top, 'dist/index.js')) && readStamp(distStamp)?.inputs === inputs) return false
  refuse('dist')
  console.log('+ tsup')
  must(...split(bin('tsup/dist/cli-default.js'), ['--silent']))
  must(process.execPath, ['scripts/esm-entry.mjs'])
  writeStamp(distStamp, { inputs })
  return true
}

const split = ([command, ...first], rest) => [command, [...first, ...rest]]
