// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import {
  Container,
  type ContainerOptions,
  Engine,
  type EngineEvent,
  Image,
  type LogDriver,
} from '../../../src/index.js'
import { emptyAndClose, scratchBase } from '../../support/test-engine.js'

const undo: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

const openWith = async (driver: LogDriver) => {
  const directory = await mkdtemp(join(scratchBase(), 'tsc-'))
  const runRoot = join(directory, 'run')
  await mkdir(runRoot, { mode: 0o700 })
  const engine = await Engine.open({ root: join(directory, 'root'), runRoot, plugins: { logs: { mine: driver } } })
  undo.push(async () => {
    await emptyAndClose(engine, runRoot)
    await rm(directory, { recursive: true, force: true })
  })
  const image = await Image.host({ engine })
  const run = (script: string, options: ContainerOptions = {}) =>
    Container.run(image, { engine, command: ['sh', '-c', script], logs: { driver: 'mine' }, ...options })
  return { engine, run }
}

test('a driver is told whose log it is, and what the options say', async () => {
  const opened: unknown[] = []
  const { run } = await openWith({
    open: (container, options) => {
      opened.push([container, options])
      return { write: () => {} }
    },
  })
  const box = await run('true', { name: 'box', labels: { a: 'b' }, logs: { driver: 'mine', options: { to: 'there' } } })
  expect(opened).toEqual([[{ id: box.id, name: 'box', labels: expect.objectContaining({ a: 'b' }) }, { to: 'there' }]])
  expect(() => box.logs()).toThrow(expect.objectContaining({ code: 'ERR_UNSUPPORTED' }))
})

test('a driver that cannot be opened refuses the container, and nothing is left of it', async () => {
  const { engine, run } = await openWith({
    open: () => {
      throw new Error('nobody is there')
    },
  })
  await expect(run('true')).rejects.toMatchObject({
    code: 'ERR_LOG_DRIVER',
    message: expect.stringContaining('nobody is there'),
    object: 'mine',
  })
  expect(await Container.list({ engine, all: true })).toEqual([])
})

test('a driver that fails loses its lines and nothing else, and is told of once', async () => {
  const { engine, run } = await openWith({
    open: () => ({
      write: ({ line }) => {
        throw new Error(`not ${line}`)
      },
      close: async () => {
        throw new Error('nor this')
      },
    }),
  })
  const warnings: EngineEvent[] = []
  engine.on('warning', (event) => void warnings.push(event))
  const box = await run('seq 100; exit 7')
  expect(await box.wait()).toMatchObject({ code: 7 })
  await box.remove()
  expect(warnings).toMatchObject([{ code: 'ERR_LOG_DRIVER', message: expect.stringContaining('not 1') }])
})

test('a driver that is slow makes the container wait, and loses nothing', async () => {
  let open = () => {}
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  let count = 0
  const { run } = await openWith({
    open: () => ({
      write: async () => {
        count++
        await gate
      },
    }),
  })
  const box = await run('seq 1000000; sleep 0')
  const winner = await Promise.race([box.wait(), new Promise((resolve) => setTimeout(resolve, 700, 'it waits'))])
  expect(winner).toBe('it waits')
  open()
  await box.wait()
  await box.remove()
  expect(count).toBe(1_000_000)
})

test('is refused where no driver has that name, and where none would outlive the container', async () => {
  const { run } = await openWith({ open: () => ({ write: () => {} }) })
  const refused = (options: ContainerOptions, option: string) =>
    expect(run('true', options)).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT', option })
  await refused({ logs: { driver: 'other' } }, 'logs.driver')
  await refused({ detached: true }, 'logs.driver')
  await refused({ logs: { driver: 'file', options: {} } }, 'logs.options')
})

test.each([
  ['a name of our own', { logs: { file: { open: () => ({ write: () => {} }) } } }],
  ['what cannot open', { logs: { mine: {} as LogDriver } }],
])('an engine refuses %s', async (_what, plugins) => {
  await expect(Engine.open({ plugins })).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
})
