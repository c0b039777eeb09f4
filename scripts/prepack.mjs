// SPDX-License-Identifier: Apache-2.0
// Before `npm pack`: everything built (with --built it is already), the native build of this machine copied to prebuilds/ unless
// `npm run prebuild` made one, the bill of materials and the licences written.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { evenModes } from './lib/even-modes.mjs'
import { prebuildDir, top } from './lib/paths.mjs'
import { currentContents, deliver } from './lib/prebuild.mjs'
import { script } from './lib/run.mjs'
import { sbom } from './lib/sbom.mjs'
import { targets } from './lib/targets.mjs'
import { thirdPartyLicences } from './lib/third-party.mjs'
import { setup } from './setup.mjs'

const contentsOf = (arch) => {
  const contents = currentContents(arch)
  // Never one that was made of other sources.
  if (!contents) rmSync(prebuildDir(arch), { recursive: true, force: true })
  return contents ?? []
}

await script(() => {
  // What `npm pack` prints on stdout is the tarball's name (or JSON) and nothing else.
  console.log = console.error
  process.umask(0o022)
  if (!process.argv.includes('--built')) setup()
  if (!currentContents(process.arch)) deliver(process.arch, join(top, 'build'))
  const all = new Set([...targets.map(({ arch }) => arch), process.arch])
  const contents = [...all].flatMap(contentsOf)
  writeFileSync(join(top, 'sbom.cdx.json'), `${JSON.stringify(sbom(contents), undefined, 2)}\n`)
  writeFileSync(join(top, 'THIRD_PARTY_LICENSES'), thirdPartyLicences(contents))
  evenModes()
})
