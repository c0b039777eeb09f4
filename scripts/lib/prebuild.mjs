// SPDX-License-Identifier: Apache-2.0
// prebuilds/tscontainer-linux-<arch>/: the addon, the supervisor, and contents.json, which says what they were made of and stays here.
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nativeFingerprint } from './build.mjs'
import { linkedLibraries } from './linked-libraries.mjs'
import { buildPackages, command, install, missing } from './packages.mjs'
import { addonName, prebuildDir, prebuiltAddonName, supervisorName, top } from './paths.mjs'
import { must } from './run.mjs'
import { ensureSysroot } from './sysroot.mjs'
import { targets } from './targets.mjs'

const contentsFile = (arch) => join(prebuildDir(arch), 'contents.json')

/** What contents.json has, or undefined where there is no prebuild or it is one of other sources than these. */
export const currentContents = (arch) => {
  if (!existsSync(contentsFile(arch))) return undefined
  const contents = JSON.parse(readFileSync(contentsFile(arch), 'utf8'))
  return contents.inputs === nativeFingerprint(arch) ? contents : undefined
}

/** Makes the prebuild of `arch` from what lies in `buildDir`. */
export const deliver = (arch, buildDir, sysroot) => {
  const target = prebuildDir(arch)
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target, { recursive: true })
  const names = { [addonName]: prebuiltAddonName, [supervisorName]: supervisorName }
  for (const [built, delivered] of Object.entries(names)) {
    copyFileSync(join(buildDir, 'Release', built), join(target, delivered))
    chmodSync(join(target, delivered), 0o755)
  }
  const contents = { inputs: nativeFingerprint(arch), arch, libraries: linkedLibraries(buildDir, sysroot) }
  writeFileSync(contentsFile(arch), `${JSON.stringify(contents)}\n`)
}

/**
 * Builds for `arch`, with the compiler of Debian for it and with the newest static libraries that Debian has for it; `tests` also
 * tscontainer-tests. Returns where it was built, and against what.
 */
export const prebuild = (arch, { tests = false } = {}) => {
  const target = targets.find((one) => one.arch === arch)
  const compiler = { name: target.compiler, present: command(`${target.triplet}-g++`) }
  install(missing([...buildPackages.filter(({ name }) => ['cmake', 'make'].includes(name)), compiler]))
  const sysroot = ensureSysroot(target)
  const buildDir = join(top, `build-prebuild-${arch}`)
  const settings = {
    CMAKE_BUILD_TYPE: 'Release',
    // With them, which is how it goes where there is no ccache, the compiler's output is another.
    CMAKE_DISABLE_PRECOMPILE_HEADERS: 'ON',
    CMAKE_TOOLCHAIN_FILE: join(top, 'cmake/cross.cmake'),
    TSC_TRIPLET: target.triplet,
    TSC_SYSROOT: sysroot,
    TSC_TESTS: tests ? 'ON' : 'OFF',
  }
  const definitions = Object.entries(settings).map(([key, value]) => `-D${key}=${value}`)
  console.log(`+ cmake (${arch})`)
  must('cmake', ['-S', top, '-B', buildDir, '--log-level=WARNING', ...definitions], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const jobs = process.env.CMAKE_BUILD_PARALLEL_LEVEL ?? '2'
  const wanted = ['tscontainer', 'tscontainer-supervisor', ...(tests ? ['tscontainer-tests'] : [])]
  must('cmake', ['--build', buildDir, '--parallel', jobs, '--target', ...wanted], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  deliver(arch, buildDir, sysroot)
  return { buildDir, sysroot }
}
