// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Container } from '../../../src/index.js'
import { runProgram } from '../../support/program.js'
import { slow } from '../../support/slow.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()

const opening = () =>
  `import { Container, Engine, Image } from 'tscontainer'
   const engine = await Engine.open({ root: '${host.root}', runRoot: '${host.runRoot}' })
   const image = await Image.host({ engine })`

const goneWithin = async (ms: number, isGone: () => Promise<boolean>): Promise<boolean> => {
  const deadline = performance.now() + ms * slow
  while (performance.now() < deadline) {
    if (await isGone()) return true
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return false
}

const nothingLeft = async () =>
  (await readdir(join(host.root, 'containers'))).length === 0 && (await readdir(join(host.root, 'names'))).length === 0

const isAlive = (pid: number) => existsSync(`/proc/${pid}`)

test('kill -9 of Node takes twenty containers along within a second', async () => {
  const program = await runProgram(
    host.directory,
    'twenty',
    `${opening()}
     const boxes = await Promise.all(Array.from({ length: 20 }, () =>
       Container.run(image, { engine, command: ['sh', '-c', 'setsid sleep 1000 & sleep 1000'] })))
     console.log(JSON.stringify(boxes.map(({ pid }) => pid)))
     await boxes[0].wait()`,
  )
  const pids = JSON.parse(await program.line()) as number[]
  expect(pids).toHaveLength(20)
  expect(pids.every(isAlive)).toBe(true)
  program.process.kill('SIGKILL')
  expect(await goneWithin(1000, async () => (await nothingLeft()) && !pids.some(isAlive))).toBe(true)
  expect(await readFile('/proc/self/mountinfo', 'utf8')).not.toContain(host.root)
})

test('kill -9 in the middle of creating leaves nothing', async () => {
  for (const delayMs of [0, 2, 5, 10, 20]) {
    const program = await runProgram(
      host.directory,
      'middle',
      `${opening()}
       console.log('go')
       for (;;) {
         const box = await Container.run(image, { engine, command: ['true'] })
         await box.wait()
         await box.remove()
       }`,
    )
    await program.line()
    await new Promise((resolve) => setTimeout(resolve, delayMs))
    program.process.kill('SIGKILL')
    expect(await goneWithin(1000, nothingLeft)).toBe(true)
  }
  expect(await Container.list({ engine: host.engine, all: true })).toEqual([])
})

test('a program in which nobody awaits anything ends, and its containers with it', async () => {
  const program = await runProgram(
    host.directory,
    'forgets',
    `${opening()}
     engine.on('stopped', () => {})
     const box = await Container.run(image, { engine, command: ['sleep', '1000'] })
     box.on('stopped', () => {})
     console.log(box.pid)`,
  )
  const { code, output, errors } = await program.ended()
  expect(errors).toBe('')
  expect(code).toBe(0)
  expect(await goneWithin(1000, async () => (await nothingLeft()) && !isAlive(Number(output)))).toBe(true)
})

test('a program that awaits a container, its log or its events lives as long', async () => {
  const program = await runProgram(
    host.directory,
    'awaits',
    `${opening()}
     const box = await Container.run(image, { engine, command: ['sh', '-c', 'sleep 0.5; echo said; exit 3'] })
     const log = (async () => { for await (const { line } of box.logs({ follow: true })) console.log(line) })()
     for await (const event of engine.events()) if (event.type === 'stopped') break
     await log
     console.log((await box.wait()).code)`,
  )
  expect(await program.ended()).toEqual({ code: 0, output: 'said\n3\n', errors: '' })
  expect(await goneWithin(1000, nothingLeft)).toBe(true)
})

test('closing an engine ends the containers of this engine only', async () => {
  const mine = await host.run({ command: ['sleep', '1000'] })
  const program = await runProgram(
    host.directory,
    'closes',
    `${opening()}
     const box = await Container.run(image, { engine, command: ['sleep', '1000'] })
     const pending = box.wait().catch((error) => error.code)
     await engine.close()
     console.log(await pending, box.state)
     console.log(await Container.list({ engine }).catch((error) => error.code))`,
  )
  expect((await program.ended()).output).toBe('ERR_ENGINE_CLOSED removed\nERR_ENGINE_CLOSED\n')
  expect(await goneWithin(1000, async () => (await readdir(join(host.root, 'containers'))).length === 1)).toBe(true)
  expect((await mine.inspect()).state).toBe('running')
  await mine.remove({ force: true })
})
