// SPDX-License-Identifier: Apache-2.0
// After an install from the registry: is there a native build that loads here? If not, compile one (Linux only). On other systems
// there is nothing to do: import and types work there, and the first use says ERR_HOST_UNSUPPORTED.
// npm may be set not to run this; then it can be run by hand: node node_modules/tscontainer/scripts/install.mjs
import { spawnSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { buildPackages, missing } from './lib/packages.mjs'
import { addonName, isCheckout, prebuildDir, prebuildName, releaseDir, supervisorName, top } from './lib/paths.mjs'
import { LACKING, must, Stop, script } from './lib/run.mjs'

// In a process of its own: an addon for another libc may do more than fail to load.
const loads = (dir) => {
  const addon = join(dir, addonName)
  if (!existsSync(addon) || !existsSync(join(dir, supervisorName))) return false
  return spawnSync(process.execPath, ['-e', 'require(process.argv[1])', addon], { stdio: 'ignore' }).status === 0
}

const compile = () => {
  const lacking = missing(buildPackages)
  if (lacking.length > 0) {
    const cure = `apt-get install -y ${lacking.join(' ')}`
    throw new Stop(
      `tscontainer has no build for ${prebuildName()} and cannot make one. As root run:\n  ${cure}`,
      LACKING,
    )
  }
  rmSync(join(top, 'build'), { recursive: true, force: true })
  must('cmake', ['-S', top, '-B', join(top, 'build'), '-DCMAKE_BUILD_TYPE=Release'])
  must('cmake', ['--build', join(top, 'build'), '--parallel', '2'])
  if (!loads(releaseDir)) throw new Stop('tscontainer was compiled, but the addon does not load')
}

await script(() => {
  if (isCheckout() || process.platform !== 'linux') return 0
  if (loads(releaseDir) || loads(prebuildDir())) return 0
  return compile()
})
