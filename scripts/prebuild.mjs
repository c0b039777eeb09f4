// SPDX-License-Identifier: Apache-2.0
// The native builds that the package delivers, into prebuilds/. On Debian; what is missing there is installed by root.
//   node scripts/prebuild.mjs [--arch x64] [--arch arm64]      without --arch all of them
import { parseArgs } from 'node:util'
import { ensureModules } from './lib/build.mjs'
import { prebuild } from './lib/prebuild.mjs'
import { Stop, script } from './lib/run.mjs'
import { targets } from './lib/targets.mjs'

await script(() => {
  process.umask(0o022)
  const known = targets.map(({ arch }) => arch)
  const { arch = known } = parseArgs({ options: { arch: { type: 'string', multiple: true } } }).values
  const unknown = arch.find((one) => !known.includes(one))
  if (unknown) throw new Stop(`--arch ${unknown}: there are ${known.join(' and ')}`)
  ensureModules()
  for (const one of arch) prebuild(one)
})
