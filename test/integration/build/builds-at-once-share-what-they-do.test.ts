// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { type BuildOptions, type BuildProgress, Container, Image } from '../../../src/index.js'
import { bundleProgram } from '../../support/bundle-program.js'
import { useTestEngine } from '../../support/test-engine.js'
import { makeRootfs, makeTar } from '../image/rootfs.js'
import type { BuildAnswer } from './build-process.js'
import { damagedLayers } from './damaged-layers.js'

const host = useTestEngine()
let program: string

beforeAll(async () => {
  const rootfs = await makeRootfs(join(host.directory, 'rootfs'))
  const tar = await makeTar(rootfs, join(host.directory, 'rootfs.tar'))
  await Image.import(tar, { engine: host.engine, tag: 'base:1' })
  program = await bundleProgram(fileURLToPath(new URL('build-process.ts', import.meta.url)), host.directory)
})

const box = '/bin/busybox'
// What it makes is another thing each time that it is done.
const common = (salt: string) =>
  `FROM base:1 AS common\nRUN : ${salt}; ${box} sleep 0.2; ${box} cat /proc/sys/kernel/random/uuid > /id\n`
const text = (salt: string, own: string) => `${common(salt)}RUN ${box} cp /id /id-${own}\n`

const build = (dockerfileText: string, options: BuildOptions = {}) =>
  Image.build({ engine: host.engine, dockerfileText, network: 'none', ...options })
const contentOf = async (image: Image | string, path: string) =>
  (await Container.runOnce(image, [box, 'cat', path], { engine: host.engine, network: 'none' })).stdout

const leftovers = async () => ({
  containers: (await Container.list({ engine: host.engine, all: true })).length,
  staging: (await readdir(join(host.root, 'tmp'))).filter((name) => !name.endsWith('.lock')),
  damaged: await damagedLayers(host),
})
const nothing = { containers: 0, staging: [], damaged: [] }

const start = async (): Promise<{ readonly child: ChildProcess; ask(dockerfile: string): Promise<BuildAnswer> }> => {
  const child = spawn(process.execPath, [program, host.root, host.runRoot], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ask = async (dockerfile: string): Promise<BuildAnswer> => {
    child.stdin.write(`${JSON.stringify(dockerfile)}\n`)
    return JSON.parse((await lines.next()).value ?? 'null') as BuildAnswer
  }
  return { child, ask }
}

test('ten builds in ten processes do what is common once, and each comes out right', async () => {
  const others = await Promise.all(Array.from({ length: 10 }, start))
  const [same, own] = await Promise.all([
    Promise.all(others.map(({ ask }) => ask(text('processes', 'x')))),
    Promise.all(others.map(({ ask }, number) => ask(text('processes', String(number))))),
  ])
  for (const { child } of others) child.stdin?.end()
  await Promise.all(others.map(({ child }) => once(child, 'exit')))
  const answers = [...same, ...own]
  expect(answers.map(({ error }) => error).filter(Boolean)).toEqual([])
  expect(new Set(same.map(({ id }) => id)).size).toBe(1)
  expect(new Set(own.map(({ id }) => id)).size).toBe(10)
  expect(answers.flatMap(({ done }) => done).filter((name) => name.includes('uuid'))).toHaveLength(1)
  expect(answers.flatMap(({ done }) => done).filter((name) => name.includes('/id-x'))).toHaveLength(1)
  const ids = await Promise.all([contentOf(same[0]?.id ?? '', '/id-x'), contentOf(own[7]?.id ?? '', '/id-7')])
  expect(ids[0]).toBe(ids[1])
  expect(await leftovers()).toEqual(nothing)
})

test('ten builds of one process do so too', async () => {
  const done: string[] = []
  const onProgress = (event: BuildProgress) => {
    if (event.type === 'done') done.push(event.step.name)
  }
  const images = await Promise.all(
    Array.from({ length: 10 }, (_, number) => build(text('promises', String(number % 5)), { onProgress })),
  )
  expect(new Set(images.map(({ id }) => id)).size).toBe(5)
  expect(done.filter((name) => name.includes('uuid'))).toHaveLength(1)
  expect(done.filter((name) => name.includes('/id-'))).toHaveLength(5)
})

test('builds come out right while everything that nobody needs is removed all the time', async () => {
  let over = false
  const pruning = (async () => {
    while (!over) {
      await host.engine.prune()
      await Image.prune({ engine: host.engine, builds: true })
    }
  })()
  const results = await Promise.allSettled(
    Array.from({ length: 6 }, async (_, number) => {
      const image = await build(text(`pruned ${number % 3}`, String(number)), { tags: [`kept:${number}`] })
      return await contentOf(image, `/id-${number}`)
    }),
  )
  over = true
  await pruning
  expect(results.map(({ status }) => status)).toEqual(Array.from({ length: 6 }, () => 'fulfilled'))
  expect(await leftovers()).toEqual(nothing)
})

test('whoever is aborted, at whatever moment, leaves nothing, and those with whom it shared a step go on', async () => {
  for (const [round, delayMs] of [0, 5, 20, 50, 90, 140, 200, 260, 330].entries()) {
    const controller = new AbortController()
    const shared = text(`aborted ${round}`, 'shared')
    const aborted = build(shared, { signal: controller.signal })
    const other = build(shared)
    setTimeout(() => controller.abort(new Error('enough')), delayMs)
    const end = await aborted.then(
      () => 'done',
      (error: Error) => error.message,
    )
    expect(['done', 'enough']).toContain(end)
    expect(await contentOf(await other, '/id-shared')).toMatch(/^[0-9a-f-]{36}\n$/)
  }
  expect(await leftovers()).toEqual(nothing)
})
