// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type PackedPackage, packPackage, tool } from '../support/packed-package.js'

const execute = promisify(execFile)

let packed: PackedPackage
let scratch: string
/** The package's and its dependencies' tarballs: npm then asks no registry. */
let tarballs: readonly string[]
/** A PATH with Node, npm and a shell, and no compiler. */
let narrow: string
beforeAll(async () => {
  packed = await packPackage()
  scratch = await mkdtemp(join(tmpdir(), 'tscontainer-install-'))
  narrow = join(scratch, 'bin')
  await mkdir(narrow)
  const npm = await realpath(join(dirname(process.execPath), 'npm'))
  const programs = {
    node: process.execPath,
    npm,
    sh: '/bin/sh',
    newuidmap: '/usr/bin/newuidmap',
    newgidmap: '/usr/bin/newgidmap',
  }
  for (const [name, target] of Object.entries(programs)) await symlink(target, join(narrow, name))
  const { dependencies } = JSON.parse(await readFile(tool('../package.json'), 'utf8'))
  const folders = Object.keys(dependencies).map(tool)
  await execute('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', scratch, ...folders])
  const names = (await readdir(scratch)).filter((name) => name.endsWith('.tgz'))
  tarballs = [packed.tarball, ...names.map((name) => join(scratch, name))]
}, 600_000)
afterAll(async () => {
  await packed.remove()
  await rm(scratch, { recursive: true })
})

const install = async (name: string, PATH: string): Promise<string> => {
  const project = join(scratch, name)
  await mkdir(project)
  await writeFile(join(project, 'package.json'), '{ "name": "empty", "private": true }')
  const env = { HOME: scratch, PATH }
  await execute('npm', ['install', '--offline', '--no-audit', '--no-fund', ...tarballs], { cwd: project, env })
  return project
}

const lifeOf = (load: string): string => `${load}
  const engine = await Engine.open({ root: process.env.ROOT, runRoot: process.env.RUN_ROOT })
  const box = await Container.run(await Image.host({ engine }), { engine, idle: true })
  const { stdout } = await box.exec(['echo', 'installed'])
  await box.remove({ force: true })
  await engine.close()
  process.stdout.write(stdout)`

const runs = async (project: string, name: string, text: string): Promise<void> => {
  await writeFile(join(project, name), text)
  const env = { HOME: scratch, PATH: narrow, ROOT: join(project, 'data'), RUN_ROOT: join(project, 'run') }
  const { stdout } = await execute(process.execPath, [name], { cwd: project, env })
  expect(stdout).toBe('installed\n')
}

const esm = lifeOf(`import { Container, Engine, Image } from 'tscontainer'`)
const cjs = `(async () => { ${lifeOf(`const { Container, Engine, Image } = require('tscontainer')`)} })()`

test('npm installs the package where there is no compiler, and programs of both worlds run a container', async () => {
  const project = await install('narrow', narrow)
  expect(existsSync(join(project, 'node_modules/tscontainer/build'))).toBe(false)
  await runs(project, 'life.mjs', esm)
  await runs(project, 'life.cjs', cjs)
}, 300_000)

test('where the delivered build does not load the install compiles one, which is the one that runs', async () => {
  const project = await install('wide', narrow)
  const installed = join(project, 'node_modules/tscontainer')
  await truncate(join(installed, `prebuilds/tscontainer-linux-${process.arch}/node-napi-v8.node`), 4096)
  await expect(runs(project, 'broken.mjs', esm)).rejects.toThrow(/to compile one run `node .*\/scripts\/install\.mjs`/)
  await execute(process.execPath, [join(installed, 'scripts/install.mjs')], { cwd: project })
  expect(existsSync(join(installed, 'build/Release/tscontainer-supervisor'))).toBe(true)
  await runs(project, 'life.mjs', esm)
}, 1_200_000)
