// SPDX-License-Identifier: Apache-2.0
// What is published, into build-release/: the package with the native builds for all architectures, its bill of materials, their sums.
// docs/releasing.md has the steps before and after.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureModules } from './lib/build.mjs'
import { top } from './lib/paths.mjs'
import { currentContents, prebuild } from './lib/prebuild.mjs'
import { must, Stop, script } from './lib/run.mjs'
import { targets } from './lib/targets.mjs'

const target = join(top, 'build-release')

const refuseChanges = () => {
  const { stdout } = spawnSync('git', ['status', '--porcelain'], { cwd: top, encoding: 'utf8' })
  if (stdout !== '') throw new Stop(`A release is made of what is committed, and this is not:\n${stdout}`)
}

const sumOf = (name) =>
  `${createHash('sha256')
    .update(readFileSync(join(target, name)))
    .digest('hex')}  ${name}\n`

await script(() => {
  process.umask(0o022)
  refuseChanges()
  ensureModules()
  for (const { arch } of targets.filter((one) => !currentContents(one.arch))) prebuild(arch)
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target)
  must('npm', ['pack', '--silent', '--pack-destination', target])
  const { version } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8'))
  const names = [`tscontainer-${version}.tgz`, `tscontainer-${version}.cdx.json`]
  copyFileSync(join(top, 'sbom.cdx.json'), join(target, names[1]))
  writeFileSync(join(target, 'SHA256SUMS'), names.map(sumOf).join(''))
  console.log(`In ${target}:\n${readFileSync(join(target, 'SHA256SUMS'), 'utf8')}`)
})
