// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { Container, Engine, Image } from '../../../src/index.js'
import { supervisorGone, useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
const top = join(import.meta.dirname, '../../..')

// The built package, as a program's workers load it: each of them has a module of its own, and so an engine.
const worker = (body: string, name = '') =>
  new Worker(
    `const { parentPort } = require('node:worker_threads')
     const { Container, Engine, Image } = require(${JSON.stringify(join(top, 'dist/index.cjs'))})
     const say = (message) => parentPort.postMessage(message)
     const main = async () => {
       const engine = await Engine.open(${JSON.stringify({ root: host.root, runRoot: host.runRoot })})
       const image = await Image.host({ engine })
       ${body}
     }
     main().catch((error) => say({ failed: String(error) }))`,
    { eval: true, name },
  )

const nothingLeft = async () => expect.poll(() => Container.list({ engine: host.engine, all: true })).toEqual([])

test('engines of several workers and of the main thread run containers at once', async () => {
  const lives = Array.from({ length: 4 }, async (_, number) => {
    const thread = worker(
      `for (let i = 0; i < 5; i++) {
         const box = await Container.run(image, { engine, idle: true, name: 'worker-${number}-' + i })
         const { stdout } = await box.exec(['echo', 'from ${number}'])
         await box.remove({ force: true })
         say(stdout)
       }
       await engine.close()`,
    )
    const said: unknown[] = []
    thread.on('message', (message) => said.push(message))
    expect((await once(thread, 'exit'))[0]).toBe(0)
    expect(said).toEqual(Array.from({ length: 5 }, () => `from ${number}\n`))
  })
  const mine = (async () => {
    const box = await host.idle()
    expect((await box.exec(['echo', 'main'])).stdout).toBe('main\n')
    await box.remove({ force: true })
  })()
  await Promise.all([...lives, mine])
  await nothingLeft()
})

test('a worker that ends takes its containers along, and no others', async () => {
  const box = await host.idle()
  const thread = worker(
    `const box = await Container.run(image, { engine, command: ['sh', '-c', 'setsid sleep 1000 & sleep 1000'] })
     say(box.pid)
     await box.wait()`,
  )
  const [pid] = await once(thread, 'message')
  expect(pid).toEqual(expect.any(Number))
  await thread.terminate()
  await expect.poll(() => existsSync(`/proc/${pid}`)).toBe(false)
  await expect.poll(() => Container.list({ engine: host.engine, all: true })).toHaveLength(1)
  expect((await box.exec(['echo', 'here'])).stdout).toBe('here\n')
  await box.remove({ force: true })
})

test('a worker that is ended in the middle of creating leaves nothing', async () => {
  for (const afterMs of [0, 1, 3, 6, 10, 20]) {
    const thread = worker(
      `say('go')
       for (;;) {
         const box = await Container.run(image, { engine, command: ['true'] })
         await box.wait()
         await box.remove()
       }`,
    )
    await once(thread, 'message')
    await new Promise((resolve) => setTimeout(resolve, afterMs))
    await thread.terminate()
  }
  await nothingLeft()
  await expect.poll(() => readdir(join(host.root, 'containers'))).toEqual([])
  expect(await readdir(join(host.root, 'names'))).toEqual([])
})

test('engines of one process know nothing of each other’s containers but by name, and end apart', async () => {
  const options = { root: join(host.directory, 'other/root'), runRoot: join(host.directory, 'other-run') }
  const other = await Engine.open(options)
  const same = await Engine.open({ root: host.root, runRoot: host.runRoot })
  const box = await host.idle({ name: 'mine' })
  const elsewhere = await Container.run(await Image.host({ engine: other }), {
    engine: other,
    name: 'mine',
    idle: true,
  })
  expect(elsewhere.id).not.toBe(box.id)
  expect((await Container.get('mine', { engine: same })).id).toBe(box.id)
  expect((await Container.list({ engine: other })).map(({ id }) => id)).toEqual([elsewhere.id])
  await same.close()
  expect((await box.exec(['echo', 'still'])).stdout).toBe('still\n')
  await other.close()
  expect(elsewhere.state).toBe('removed')
  expect(box.state).toBe('running')
  await supervisorGone(options.runRoot)
  await box.remove({ force: true })
})
