// SPDX-License-Identifier: Apache-2.0
// After an install from the registry: is there a native build that loads here? If not, compile one (Linux only). On other systems
// there is nothing to do: import and types work there, and the first use says ERR_HOST_UNSUPPORTED.
// npm may be set not to run this; then it can be run by hand: node node_modules/tscontainer/scripts/install.mjs
// With npm_config_build_from_source=true in the environment it compiles although the delivered build loads.
import { spawnSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { buildPackages, missing } from './lib/packages.mjs'
import { isCheckout, supervisorName, top } from './lib/paths.mjs'
import { LACKING, must, Stop, script } from './lib/run.mjs'

// What a program will load, by the rule that src/native has it from.
const addon = () => {
  const { resolve } = createRequire(import.meta.url)('pkg-prebuilds')
  return resolve(top, { name: 'tscontainer', napi_versions: [8] }, false, false)
}

// In a process of its own: an addon for another libc may do more than fail to load.
const loads = () => {
  const path = addon()
  if (!path || !existsSync(join(dirname(path), supervisorName))) return false
  return spawnSync(process.execPath, ['-e', 'require(process.argv[1])', path], { stdio: 'ignore' }).status === 0
}

const compile = () => {
  const lacking = missing(buildPackages)
  if (lacking.length > 0) {
    const cure = `apt-get install -y ${lacking.join(' ')}`
    throw new Stop(
      `tscontainer has no native build that loads on this linux-${process.arch}, and cannot make one. As root run (Debian's names):\n  ${cure}`,
      LACKING,
    )
  }
  rmSync(join(top, 'build'), { recursive: true, force: true })
  must('cmake', ['-S', top, '-B', join(top, 'build'), '-DCMAKE_BUILD_TYPE=Release'])
  must('cmake', ['--build', join(top, 'build'), '--parallel', '2'])
  if (!loads()) throw new Stop('tscontainer was compiled, but the addon does not load')
}

await script(() => {
  if (isCheckout() || process.platform !== 'linux') return 0
  if (!process.env.npm_config_build_from_source && loads()) return 0
  return compile()
})
