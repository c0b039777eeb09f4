// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto'
import { cpSync, existsSync, linkSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BuildOptions, Container, Image } from '../../../src/index.js'
import type { CaseResult } from '../../build/build-result.js'
import { compareResults } from '../../build/compare.js'
import { knownDifferences, unknownDifferences } from '../../build/known-differences.js'
import { apacheArchive } from '../../build/projects/apache-archive.js'
import { type ArchiveProxy, serveArchive } from '../../build/projects/archive-proxy.js'
import { type Project, projectContext, projectGolden, projects } from '../../build/projects/projects.js'
import { type ImageDescription, readDescription } from '../../build/read-image.js'
import { type FileServer, serveFiles } from '../../build/serve-files.js'
import { debianTar, toolchainTar } from '../../support/debian.js'
import { tarOfEntries } from '../../support/layered-layout.js'
import { makeAuthority } from '../../support/registry/certificates.js'
import { slow } from '../../support/slow.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
let archive: ArchiveProxy
let registry: FileServer

// Stands in for the package that the lock file names.
const mitt = gzipSync(
  tarOfEntries([
    {
      path: 'package/package.json',
      data: '{ "name": "mitt", "version": "3.0.1", "type": "module", "exports": "./mitt.js" }',
    },
    {
      path: 'package/mitt.js',
      data: 'export default () => { const all = {}; return { on: (type, f) => { all[type] = f }, emit: (type, x) => all[type](x) } }\n',
    },
  ]),
)

beforeAll(async () => {
  const authority = await makeAuthority(join(host.directory, 'authority'))
  const name = 'archive.apache.org'
  archive = await serveArchive(name, apacheArchive(), await authority.issue(name))
  registry = await serveFiles({ '/mitt/-/mitt-3.0.1.tgz': { content: mitt } })
  const toolchain = await Image.import(toolchainTar(), { engine: host.engine, tag: 'tsc-test/toolchain:1' })
  // Debian with more in it; all of them ask for the real one.
  if (process.env.TSC_TEST_ALL) await Image.import(debianTar(), { engine: host.engine, tag: 'tsc-test/debian:1' })
  else await toolchain.tag('tsc-test/debian:1')
})
afterAll(async () => {
  await archive.close()
  await registry.close()
})

const build = async (name: string, options: BuildOptions = {}) => {
  const project = projects.find((one) => one.name === name)
  if (!project) throw new Error(`there is no project ${name}`)
  const contexts = Object.fromEntries(
    Object.entries(project.contexts?.() ?? {}).map(([key, path]) => [key, directoryOf(path)]),
  )
  const context = options.context ?? projectContext(project)
  // Their downloads are served by this machine.
  const image = await Image.build({
    engine: host.engine,
    network: 'host',
    tags: [project.tag],
    contexts,
    ...options,
    context,
  })
  await compareWithDocker(project, image)
  if (project.prints !== undefined) expect(await outputOf(image)).toBe(project.prints)
  return image
}
// What it says of itself is what Docker's says, where that was recorded.
const compareWithDocker = async (project: Project, image: Image) => {
  if (!existsSync(projectGolden(project))) return
  const layout = join(host.directory, `saved-${project.name}`)
  await image.save(layout, { format: 'oci' })
  const asResult = (description: ImageDescription): CaseResult => ({
    builds: [{ image: { ...description, tree: {}, removed: [], layers: [] }, warnings: [] }],
  })
  const golden = asResult(JSON.parse(readFileSync(projectGolden(project), 'utf8')))
  const differences = compareResults(golden, asResult(readDescription(layout)))
  expect(unknownDifferences(project.name, differences, knownDifferences())).toEqual([])
}
const outputOf = async (image: Image) => {
  const box = await Container.run(image, { engine: host.engine, network: 'none' })
  await box.wait()
  const lines: string[] = []
  for await (const { line } of box.logs()) lines.push(`${line}\n`)
  await box.remove({ force: true })
  return lines.join('')
}

// A file is alone in its context.
const directoryOf = (path: string): string => {
  if (statSync(path).isDirectory()) return path
  const directory = join(host.directory, `alone-${basename(path)}`)
  mkdirSync(directory, { recursive: true })
  const copy = join(directory, basename(path))
  if (existsSync(copy)) return directory
  try {
    linkSync(path, copy)
  } catch {
    cpSync(path, copy)
  }
  return directory
}

test('a program in C becomes an image of one file', async () => {
  const image = await build('c-program')
  expect(image.layers).toHaveLength(1)
})

test('somebody’s own Dockerfile of years ago builds as it stands', async () => {
  const context = join(host.directory, 'centos')
  cpSync(projectContext({ name: 'centos' } as (typeof projects)[number]), context, { recursive: true })
  cpSync(join(host.directory, 'authority/ca.crt'), join(context, 'ca.crt'))
  await build('centos', { context })
  const image = await build('apache', { args: { https_proxy: archive.url } })
  expect(image.config).toMatchObject({
    user: 'nobody',
    workingDir: '/data',
    exposedPorts: ['443/tcp', '80/tcp'],
    env: expect.arrayContaining(['COMPANYNAME=BRAVECOMPANY']),
  })
  expect(JSON.stringify(await image.history())).not.toContain(archive.url)
})

test('an app in Node.js gets what its lock file names', async () => {
  const context = join(host.directory, 'node-app')
  cpSync(projectContext({ name: 'node-app' } as (typeof projects)[number]), context, { recursive: true })
  const lock = JSON.parse(readFileSync(join(context, 'package-lock.json'), 'utf8'))
  Object.assign(lock.packages['node_modules/mitt'], {
    resolved: `http://${registry.address}/mitt/-/mitt-3.0.1.tgz`,
    integrity: `sha512-${createHash('sha512').update(mitt).digest('base64')}`,
  })
  writeFileSync(join(context, 'package-lock.json'), JSON.stringify(lock))
  await build('node-base')
  const image = await build('node-app', { context })
  expect(image.config).toMatchObject({ user: '65534', env: expect.arrayContaining(['NODE_ENV=production']) })
})

test('the examples of this repository, which then find their engine in a container', async () => {
  const context = join(import.meta.dirname, '../../..')
  const contexts = { 'node:20-bookworm-slim': 'docker-image://tsc-test/node:1' }
  const image = await Image.build({ engine: host.engine, context, contexts, dockerfile: 'examples/Dockerfile' })
  const probe =
    "import('tscontainer').then(({ Engine }) => Engine.probe()).then((report) => console.log(report.environment))"
  const options = { engine: host.engine, network: 'none' } as const
  const { stdout } = await Container.runOnce(image, ['node', '-e', probe], options)
  expect(stdout).toBe('container\n')
  const seen = await Container.runOnce(image, ['ls', '/app', '/app/node_modules', '/app/examples'], options)
  expect(seen.stdout).toMatch(/hello\.js/)
  expect(seen.stdout).not.toMatch(/esbuild|\.ts$/m)
})

if (process.env.TSC_TEST_ALL) {
  test(
    'apps whose packages come from the servers of Debian and npm',
    async () => {
      await build('python-app')
      await build('node-base')
      await build('node-app')
    },
    300_000 * slow,
  )
}
