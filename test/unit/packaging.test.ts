// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readNativeBinary } from '../support/native-binary.js'
import { type PackedPackage, packPackage, runNode, tool } from '../support/packed-package.js'

let packed: PackedPackage
beforeAll(async () => {
  packed = await packPackage()
}, 600_000)
afterAll(() => packed.remove())

const native = (name: string): string => join(packed.installed, `prebuilds/tscontainer-linux-${process.arch}`, name)

// Each names something that is there.
const allowed = [
  /^(package\.json|README\.md|CHANGELOG\.md|LICENSE|THIRD_PARTY_LICENSES|sbom\.cdx\.json|CMakeLists\.txt)$/,
  /^dist\/(index|compose)\.(cjs|cjs\.map|d\.cts|js|d\.ts)$/,
  /^dist\/testing\.(js|js\.map|d\.ts)$/,
  /^prebuilds\/tscontainer-linux-(x64|arm64)\/(node-napi-v8\.node|tscontainer-supervisor)$/,
  /^addon\/(binding|build|cgroup|core|files|layer|network|runtime|supervisor)\/\w+\.(cc|h)$/,
  /^cmake\/\w+\.(cmake|map)$/,
  /^scripts\/(install|lib\/(packages|paths|run))\.mjs$/,
]

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
  const compile = [tool('typescript/bin/tsc'), ...strict, '--exactOptionalPropertyTypes']
  await runNode(packed.project, [...compile, 'esm.mts', 'cjs.cts'])
  // Whoever names no `lib` has the types of browsers, whose fetch knows no dispatcher.
  await runNode(packed.project, [...compile, '--lib', 'es2023,esnext.disposable,dom', 'esm.mts'])
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
  const { exported } = readNativeBinary(native('node-napi-v8.node'))
  expect(exported).toEqual(['napi_register_module_v1', 'node_api_module_get_api_version_v1'])
  await inProject(
    'load.cjs',
    `require('pkg-prebuilds')(${JSON.stringify(packed.installed)}, { name: 'tscontainer', napi_versions: [8] })`,
  )
  await runNode(packed.project, ['load.cjs'])
})

test('what an install script would do is nothing when the native build loads', async () => {
  expect(await runNode(packed.project, [join(packed.installed, 'scripts/install.mjs')])).toBe('')
  expect(existsSync(join(packed.installed, 'build'))).toBe(false)
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

test('the package holds what it should, and nothing else', async () => {
  const entries = await readdir(packed.installed, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  const names = files.map((file) => file.slice(packed.installed.length + 1))
  expect(names.filter((name) => !allowed.some((pattern) => pattern.test(name)))).toEqual([])
  expect(allowed.filter((pattern) => !names.some((name) => pattern.test(name)))).toEqual([])
  for (const file of files) {
    expect(readFileSync(file, 'latin1').includes(process.cwd()), file).toBe(false)
  }
  const builds = await readdir(join(packed.installed, 'prebuilds'))
  expect((await stat(packed.tarball)).size).toBeLessThan((4 + 3 * builds.length) << 20)
})

test('each native build is hardened, stripped, and asks for no newer libc than the documentation says', async () => {
  for (const folder of await readdir(join(packed.installed, 'prebuilds'))) {
    const machine = { 'tscontainer-linux-x64': /X86-64/, 'tscontainer-linux-arm64': /AArch64/ }[folder]
    const [addon, supervisor] = ['node-napi-v8.node', 'tscontainer-supervisor'].map((name) =>
      readNativeBinary(join(packed.installed, 'prebuilds', folder, name)),
    )
    for (const binary of [addon, supervisor]) {
      expect(binary?.machine).toMatch(machine ?? '')
      // Where the sources lay, in whole or from the checkout on.
      expect(binary?.text).not.toMatch(/addon\/\w+\/\w+\.(cc|h)|build-sysroot/)
      expect(Object.entries(binary?.hardening ?? {}).filter(([, holds]) => !holds)).toEqual([])
    }
    expect(supervisor?.needed).toEqual([])
    // Of _FORTIFY_SOURCE.
    expect(supervisor?.text).toContain('buffer overflow detected')
    expect(addon?.needed.filter((name) => !/^(libc|libgcc_s|ld-linux-.*)\.so\.\d$/.test(name))).toEqual([])
    expect(addon?.glibc).toEqual([2, 33])
  }
})

test('the bill of materials names what is linked, what npm brings, and the digests of the programs', async () => {
  const bill = JSON.parse(readFileSync(join(packed.installed, 'sbom.cdx.json'), 'utf8'))
  const { dependencies } = JSON.parse(readFileSync(join(packed.installed, 'package.json'), 'utf8'))
  const names = bill.components.map(({ name }: { readonly name: string }) => name)
  expect(names).toEqual(
    expect.arrayContaining([...Object.keys(dependencies), 'glibc', 'libseccomp', 'openssl', 'zlib']),
  )
  const supervisor = bill.components.find(({ name }: { readonly name: string }) =>
    name.endsWith('x64/tscontainer-supervisor'),
  )
  const digest = createHash('sha256')
    .update(readFileSync(native('tscontainer-supervisor')))
    .digest('hex')
  if (process.arch === 'x64') expect(supervisor.hashes).toEqual([{ alg: 'SHA-256', content: digest }])
  const licences = readFileSync(join(packed.installed, 'THIRD_PARTY_LICENSES'), 'utf8')
  expect(licences).toMatch(/^glibc .*LGPL-2\.1-or-later$/m)
  expect(licences).toContain('GNU LESSER GENERAL PUBLIC LICENSE')
})

test('without a native build and without a compiler the install names the packages', async () => {
  const bare = await packed.withoutBuild('no-compiler')
  const install = runNode(bare, ['node_modules/tscontainer/scripts/install.mjs'], { PATH: '/nonexistent' })
  await expect(install).rejects.toThrow(/As root run \(Debian's names\):\n {2}apt-get install -y g\+\+ cmake make/)
})
