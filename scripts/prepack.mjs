// SPDX-License-Identifier: Apache-2.0
// Before `npm pack`: everything built (with --built it is already), and the native build of this machine copied to
// prebuilds/<platform>-<arch>-<libc>/.
import { chmodSync, copyFileSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { addonName, prebuildDir, releaseDir, supervisorName } from './lib/paths.mjs'
import { script } from './lib/run.mjs'
import { setup } from './setup.mjs'

await script(() => {
  // What `npm pack` prints on stdout is the tarball's name (or JSON) and nothing else.
  console.log = console.error
  if (!process.argv.includes('--built')) setup()
  rmSync(prebuildDir(), { recursive: true, force: true })
  mkdirSync(prebuildDir(), { recursive: true })
  for (const name of [addonName, supervisorName]) {
    copyFileSync(join(releaseDir, name), join(prebuildDir(), name))
    chmodSync(join(prebuildDir(), name), 0o755)
  }
})
