// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { cp, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type PackedPackage, packPackage, runNode, tool } from '../support/packed-package.js'

let packed: PackedPackage
beforeAll(async () => {
  packed = await packPackage()
}, 600_000)
afterAll(() => packed.remove())

const inProject = (name: string, text: string): Promise<void> => writeFile(join(packed.project, name), text)

test('ESM and CommonJS import the same engine', async () => {
  await inProject(
    'same.mjs',
    `import * as esm from 'tscontainer'
     import { createRequire } from 'node:module'
     const cjs = createRequire(import.meta.url)('tscontainer')
     const names = Object.keys(cjs).sort()
     const missing = names.filter((name) => esm[name] !== cjs[name])
     console.log(JSON.stringify({ names, missing, more: Object.keys(esm).filter((name) => !names.includes(name)) }))`,
  )
  const { names, missing, more } = JSON.parse(await runNode(packed.project, ['same.mjs']))
  expect(names).toEqual(expect.arrayContaining(['Container', 'Engine', 'EngineError', 'Image']))
  expect({ missing, more }).toEqual({ missing: [], more: [] })
})

test('compose files load out of the package, with the one EngineError, in both worlds', async () => {
  await inProject('compose.yaml', 'services: { web: { imag: x } }')
  await inProject('valid.yaml', 'services: { web: { image: x } }')
  await inProject(
    'compose.mjs',
    `import { Project } from 'tscontainer/compose'
     import { createRequire } from 'node:module'
     const require = createRequire(import.meta.url)
     const error = await Project.load('compose.yaml').catch((reason) => reason)
     const { Engine, EngineError } = require('tscontainer')
     const valid = await Project.load('valid.yaml')
     const refused = await Promise.resolve().then(() => valid.logs({ tail: -1 })).catch((reason) => reason)
     const noEngine = await Project.load('valid.yaml', { engine: {} }).catch((reason) => reason)
     const same = [error, refused, noEngine].map((one) => one instanceof EngineError)
     const given = await Project.load('valid.yaml', { engine: Engine.default })
     same.push(given.running.engine === valid.running.engine, Project === require('tscontainer/compose').Project)
     console.log(JSON.stringify([...same, error.hint]))`,
  )
  const expected = [true, true, true, true, true, "did you mean 'image'?"]
  expect(JSON.parse(await runNode(packed.project, ['compose.mjs']))).toEqual(expected)
  await inProject('package.json', '{ "name": "empty", "private": true }')
  await inProject(
    'compose.mts',
    `import { Project, type ServiceModel } from 'tscontainer/compose'
     export const web = async (): Promise<ServiceModel | undefined> => (await Project.load('compose.yaml')).services['web']
     export const up = async (project: Project): Promise<number | null> => (await project.up({ wait: true })).exitCode
     // @ts-expect-error not an option
     export const wrong = Project.load('compose.yaml', { profile: [] })`,
  )
  await runNode(packed.project, [tool('typescript/bin/tsc'), ...strict, '--exactOptionalPropertyTypes', 'compose.mts'])
}, 60_000)

const strict = [
  ...['--strict', '--noEmit', '--target', 'es2022', '--lib', 'es2023,esnext.disposable', '--types', 'node'],
  ...['--module', 'nodenext'],
]

// In a data directory of its own, which has to be empty of containers afterwards.
const lifeOf = (load: string): string => `${load}
  const engine = await Engine.open({ root: process.env.ROOT, runRoot: process.env.RUN_ROOT })
  const image = await Image.host({ engine })
  const box = await Container.run(image, { engine, idle: true })
  const { stdout } = await box.exec(['echo', 'packed'])
  await box.remove({ force: true })
  console.log(JSON.stringify({ stdout, left: (await Container.list({ engine, all: true })).length }))
  await engine.close()`

test.each([
  ['ESM', 'life.mjs', lifeOf(`import { Container, Engine, Image } from 'tscontainer'`)],
  [
    'CommonJS',
    'life.cjs',
    `(async () => { ${lifeOf(`const { Container, Engine, Image } = require('tscontainer')`)} })()`,
  ],
])('a container runs out of the package, imported from %s', async (_, name, text) => {
  await inProject(name, text)
  const env = { ROOT: join(packed.project, 'data'), RUN_ROOT: join(packed.project, 'run') }
  expect(JSON.parse(await runNode(packed.project, [name], env))).toEqual({ stdout: 'packed\n', left: 0 })
})

test('a class is the same type in both worlds, and an unknown option is refused by the compiler', async () => {
  await inProject('package.json', '{ "name": "empty", "private": true }')
  await inProject(
    'esm.mts',
    `import { Container, type ContainerOptions, EngineError } from 'tscontainer'
     export const options: ContainerOptions = { memory: '64MiB', command: ['true'] }
     export const wait = (box: Container): Promise<unknown> => box.wait()
     export const isOurs = (error: unknown): boolean => EngineError.is(error)
     // @ts-expect-error not an option
     export const wrong: ContainerOptions = { memroy: '64MiB' }`,
  )
  await inProject(
    'cjs.cts',
    `import tscontainer = require('tscontainer')
     import esm = require('./esm.mjs')
     declare const box: tscontainer.Container
     export const done: Promise<unknown> = esm.wait(box)`,
  )
  await runNode(packed.project, [
    tool('typescript/bin/tsc'),
    ...strict,
    '--exactOptionalPropertyTypes',
    'esm.mts',
    'cjs.cts',
  ])
}, 60_000)

test('test fixtures come with it: one engine, with types', async () => {
  await inProject(
    'fixtures.test.mts',
    `import { Container, type ContainerApi, Engine, EngineError, Image } from 'tscontainer'
     import { createFakeEngine, expect, test } from 'tscontainer/testing'
     test.override('engineOptions', { scope: 'file' }, () => ({ root: process.env.ROOT ?? '', runRoot: process.env.RUN_ROOT ?? '' }))
     test('real', async ({ containers, engine }) => {
       expect(engine).toBeInstanceOf(Engine)
       const box = await containers.run(await Image.host({ engine }), { command: ['sh', '-c', 'echo packed; exec sleep 100'] })
       expect(box).toBeInstanceOf(Container)
       await expect(box).toHaveLogged('packed', { timeoutMs: 20_000 })
       // @ts-expect-error not a pattern
       if (process.env.NEVER) await expect(box).toHaveLogged(1)
     })
     test('fake', async () => {
       const containers: ContainerApi = createFakeEngine().containers
       const error: unknown = await containers.run('nothing').catch((reason: unknown) => reason)
       expect(error).toBeInstanceOf(EngineError)
     })`,
  )
  const env = { ROOT: join(packed.project, 'fixtures'), RUN_ROOT: join(packed.project, 'fixtures-run') }
  const vitest = [tool('vitest/vitest.mjs'), 'run', '--root', packed.project, '--reporter', 'json', 'fixtures.test.mts']
  const report = await runNode(packed.project, vitest, env)
  expect(JSON.parse(report.slice(report.indexOf('{')))).toMatchObject({ numPassedTests: 2, numFailedTests: 0 })
  await runNode(packed.project, [tool('typescript/bin/tsc'), ...strict, '--skipLibCheck', 'fixtures.test.mts'])
}, 120_000)

test('publint finds nothing', async () => {
  const output = await runNode(packed.installed, [tool('publint/src/cli.js'), '--strict', packed.tarball])
  expect(output).toContain('All good!')
}, 60_000)

test('the types are right for every way of resolving', async () => {
  const attw = [tool('@arethetypeswrong/cli/dist/index.js'), packed.tarball, '--no-color']
  await runNode(packed.project, [...attw, '--exclude-entrypoints', './testing'])
  // Vitest is ESM alone.
  await runNode(packed.project, [...attw, '--entrypoints', './testing', '--profile', 'esm-only'])
}, 60_000)

test('the native build is inside, and loads without an install script', async () => {
  const folders = await readdir(join(packed.installed, 'prebuilds'))
  expect(folders.length).toBeGreaterThan(0)
  await inProject('load.cjs', `require('./node_modules/tscontainer/prebuilds/${folders[0]}/tscontainer.node')`)
  await runNode(packed.project, ['load.cjs'])
})

test('what an install script would do is nothing when the native build loads', async () => {
  expect(await runNode(packed.project, [join(packed.installed, 'scripts/install.mjs')])).toBe('')
  expect(existsSync(join(packed.installed, 'build'))).toBe(false)
})

test('the package holds no sources of tests, and no place of the machine that built it', async () => {
  const files = await readdir(packed.installed, { recursive: true })
  expect(files.filter((file) => /(^|\/)(test|node_modules|\.git)(\/|$)/.test(file))).toEqual([])
  const text = readFileSync(join(packed.installed, 'dist/index.cjs'), 'utf8')
  expect(text).not.toContain(process.cwd())
})

test('on a system that is not Linux import works and the first use is ERR_HOST_UNSUPPORTED', async () => {
  await inProject(
    'elsewhere.mjs',
    `Object.defineProperty(process, 'platform', { value: 'darwin' })
     const { Engine } = await import('tscontainer')
     const result = await Engine.open().then(() => 'opened', (error) => error.code)
     console.log(result)`,
  )
  expect((await runNode(packed.project, ['elsewhere.mjs'])).trim()).toBe('ERR_HOST_UNSUPPORTED')
})

const symbols = (file: string): readonly string[] =>
  execFileSync('nm', ['--dynamic', '--defined-only', '--format=just-symbols', file], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '')

test('the addon exports what Node looks for and nothing else', async () => {
  const [folder] = await readdir(join(packed.installed, 'prebuilds'))
  const addon = join(packed.installed, 'prebuilds', folder ?? '', 'tscontainer.node')
  expect([...symbols(addon)].sort()).toEqual(['napi_register_module_v1', 'node_api_module_get_api_version_v1'])
})

test('the supervisor needs no library of the host', async () => {
  const [folder] = await readdir(join(packed.installed, 'prebuilds'))
  const supervisor = join(packed.installed, 'prebuilds', folder ?? '', 'tscontainer-supervisor')
  const needed = execFileSync('readelf', ['--dynamic', supervisor], { encoding: 'utf8' })
  expect(needed).not.toMatch(/\(NEEDED\)/)
  expect(execFileSync('readelf', ['--program-headers', supervisor], { encoding: 'utf8' })).not.toMatch(/INTERP/)
})

// The package as it comes for a machine that it has no native build for.
const withoutBuild = async (name: string): Promise<string> => {
  const bare = join(packed.project, name)
  await cp(join(packed.project, 'node_modules'), join(bare, 'node_modules'), {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => !source.includes('prebuilds'),
  })
  return bare
}

test('without a native build and without a compiler the install names the packages', async () => {
  const bare = await withoutBuild('no-compiler')
  const install = runNode(bare, ['node_modules/tscontainer/scripts/install.mjs'], { PATH: '/nonexistent' })
  await expect(install).rejects.toThrow(/As root run:\n {2}apt-get install -y g\+\+ cmake make/)
})

test('without a native build the install compiles one from what is in the package', async () => {
  const bare = await withoutBuild('compiled')
  const installed = join(bare, 'node_modules/tscontainer')
  await runNode(bare, [join(installed, 'scripts/install.mjs')])
  expect(existsSync(join(installed, 'build/Release/tscontainer.node'))).toBe(true)
}, 600_000)
