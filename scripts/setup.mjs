// SPDX-License-Identifier: Apache-2.0
// Makes a checkout usable: packages of the distribution, node_modules, build/Release, dist. Quick when nothing changed.
// Plain Node and no dependency, since it runs before there is a node_modules.
//   node scripts/setup.mjs [--tests]      exit status 3: the host lacks something, the message says what
import { pathToFileURL } from 'node:url'
import { ensureDist, ensureModules, ensureNative } from './lib/build.mjs'
import { ensureFixtures } from './lib/fixtures.mjs'
import { install, missing, runPackages, testPackages } from './lib/packages.mjs'
import { LACKING, Stop, script } from './lib/run.mjs'

const checkNode = () => {
  if (Number(process.versions.node.split('.')[0]) < 20) {
    throw new Stop(`Node ${process.versions.node} is too old: tscontainer needs 20 or newer.`, LACKING)
  }
}

// What only makes more possible is installed where we may, and named where we may not.
const extras = () => {
  const names = missing(runPackages)
  if (names.length === 0) return
  if (process.getuid() === 0) install(names)
  else console.error(`Not there, and not required: ${names.join(', ')} (apt-get install ${names.join(' ')})`)
}

export const setup = ({ tests = false } = {}) => {
  const started = performance.now()
  process.umask(0o022)
  checkNode()
  const linux = process.platform === 'linux'
  if (linux) extras()
  if (linux && tests) install(missing(testPackages))
  if (linux && tests) ensureFixtures()
  const made = [
    ensureModules() && 'node_modules',
    linux && ensureNative({ tests }) && 'build/Release',
    ensureDist() && 'dist',
  ].filter(Boolean)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`setup: ${made.length > 0 ? `made ${made.join(', ')}` : 'everything is up to date'} (${seconds} s)`)
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await script(() => setup({ tests: process.argv.includes('--tests') }))
}
