// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Container, Engine, Image, type LogEntry, Network } from '../../../src/index.js'
import { has } from '../../support/needs.js'
import { runProgram } from '../../support/program.js'
import { slow } from '../../support/slow.js'
import { emptyAndClose, scratchBase, useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()

const opening = () =>
  `import { Container, Engine, Image } from 'tscontainer'
   const engine = await Engine.open({ root: '${host.root}', runRoot: '${host.runRoot}' })
   const image = await Image.host({ engine })`

const all = async (logs: AsyncIterable<LogEntry>): Promise<string[]> => {
  const lines: string[] = []
  for await (const { line } of logs) lines.push(line)
  return lines
}

test('a later process gets it, runs commands in it, reads its log, stops it and removes it', async () => {
  const program = await runProgram(
    host.directory,
    'leaves',
    `${opening()}
     const box = await Container.run(image, {
       engine, name: 'stays', detached: true, labels: { kind: 'service' },
       command: ['sh', '-c', 'trap "echo bye; exit 5" TERM; echo hello; while :; do sleep 0.02; done'],
     })
     for await (const { line } of box.logs({ follow: true })) if (line === 'hello') break
     console.log(box.id)
     process.kill(process.pid, 'SIGKILL')`,
  )
  const { output } = await program.ended()
  const box = await Container.get('stays', { engine: host.engine })
  expect(box.id).toBe(output.trim())
  expect(box).toMatchObject({ state: 'running', labels: { kind: 'service' } })
  expect((await Container.list({ engine: host.engine })).map(({ id }) => id)).toEqual([box.id])
  expect((await box.exec(['echo', 'in it'])).stdout).toBe('in it\n')
  const stopped: number[] = []
  box.on('stopped', ({ exit }) => stopped.push(exit.code))
  expect(await box.stop()).toMatchObject({ code: 5 })
  expect(stopped).toEqual([5])
  expect(await all(box.logs())).toEqual(['hello', 'bye'])
  await box.remove()
  await expect(Container.get('stays', { engine: host.engine })).rejects.toMatchObject({
    code: 'ERR_CONTAINER_NOT_FOUND',
  })
})

test('one that ended while nobody looked tells how, and starts again', async () => {
  const program = await runProgram(
    host.directory,
    'ends-alone',
    `${opening()}
     const box = await Container.run(image, { engine, name: 'ends', detached: true, command: ['sh', '-c', 'sleep 0.3; echo done; exit 9'] })
     console.log(box.id)`,
  )
  await program.ended()
  await new Promise((resolve) => setTimeout(resolve, 800 * slow))
  const box = await Container.get('ends', { engine: host.engine })
  expect(box).toMatchObject({ state: 'stopped', exit: { code: 9 } })
  expect(await box.wait()).toMatchObject({ code: 9 })
  expect(await all(box.logs())).toEqual(['done'])
  await box.start()
  expect(box.state).toBe('running')
  expect(await box.wait()).toMatchObject({ code: 9 })
  expect(await all(box.logs())).toEqual(['done', 'done'])
  await box.remove()
})

test('one that was stopped starts again after the engine went, with its network', async () => {
  const directory = await mkdtemp(join(scratchBase(), 'tsc-'))
  try {
    const open = () => Engine.open({ root: join(directory, 'root'), runRoot: join(directory, 'run') })
    const first = await open()
    const wanted = has('root') ? await Network.create({ engine: first, name: 'kept' }) : 'none'
    const made = await Container.run(await Image.host({ engine: first }), {
      engine: first,
      detached: true,
      network: wanted,
      command: ['sleep', '1000'],
    })
    await made.stop({ timeoutMs: 0 })
    await first.close()
    const second = await open()
    const box = await Container.get(made.id, { engine: second })
    await box.start()
    expect(box.state).toBe('running')
    expect((await box.inspect()).networks.map(({ name }) => name)).toEqual(has('root') ? ['kept'] : [])
    await emptyAndClose(second, join(directory, 'run'))
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
})

test('its events come as for any other', async () => {
  const seen: string[] = []
  const note = ({ type }: { readonly type: string }) => void seen.push(type)
  const on = { created: note, running: note, stopped: note, removed: note }
  const box = await host.run({ detached: true, command: ['true'], on })
  expect(await box.wait()).toMatchObject({ code: 0 })
  await box.remove()
  expect(seen).toEqual(['created', 'running', 'stopped', 'removed'])
})

test('it is removed by itself when it is to be', async () => {
  const box = await host.run({ detached: true, command: ['true'], autoRemove: true })
  await box.wait({ condition: 'removed' })
  expect(await Container.list({ engine: host.engine, all: true })).toEqual([])
})
