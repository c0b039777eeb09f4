// SPDX-License-Identifier: Apache-2.0
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Container } from '../../../src/index.js'
import { eventually, watchContainer } from '../../support/container-watch.js'
import { isAlive } from '../../support/monitor.js'
import { runProgram } from '../../support/program.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
const nothingLeft = async () => [
  ...(await readdir(join(host.root, 'containers'))),
  ...(await readdir(join(host.root, 'names'))),
]

const program = (name: string, options: string) =>
  runProgram(
    host.directory,
    name,
    `import { Container, Engine, Image } from 'tscontainer'
     const engine = await Engine.open({ root: '${host.root}', runRoot: '${host.runRoot}' })
     const box = await Container.run(await Image.host({ engine }), { engine, ${options} })
     box.on('stopped', () => console.log('stopped'))
     console.log('running')
     await box.wait({ condition: 'removed' })`,
  )

test('kill -9 of Node while a restart is to come leaves nothing', async () => {
  const { process, line } = await program('waits', "restart: 'always', command: ['sh', '-c', 'sleep 0.1; exit 1']")
  for (let i = 0; i < 4; i++) await line()
  process.kill('SIGKILL')
  await eventually(nothingLeft, (left) => left.length === 0)
  expect(await Container.list({ engine: host.engine, all: true })).toEqual([])
})

test('kill -9 of Node while a check runs leaves nothing', async () => {
  const options = "restart: 'always', idle: true, healthcheck: { test: 'sleep 1234', intervalMs: 10 }"
  const { process, line } = await program('checks', options)
  await line()
  const [box] = await Container.list({ engine: host.engine })
  if (!box) throw new Error('it is not there')
  await eventually(
    () => box.processes(),
    (list) => list.some(({ command }) => command.includes('1234')),
  )
  const pids = (await box.processes()).map(({ hostPid }) => hostPid)
  process.kill('SIGKILL')
  await eventually(nothingLeft, (left) => left.length === 0)
  await eventually(
    async () => pids.filter(isAlive),
    (alive) => alive.length === 0,
  )
})

test.each([
  ['a restart is to come', { command: ['false'], restart: 'always' }, 'stopped 1 again', 4],
  ['a check runs', { idle: true, healthcheck: { test: 'sleep 1234', intervalMs: 10 } }, 'starting', 1],
] as const)('kill -9 of the supervisor while %s leaves nothing', async (_, options, word, count) => {
  const watch = watchContainer()
  const box = await host.run({ ...options, on: watch.on })
  await watch.until(word, count)
  const waiting = box.wait()
  process.kill((await host.engine.info()).supervisorPid, 'SIGKILL')
  await expect(waiting).rejects.toMatchObject({ code: 'ERR_SUPERVISOR_LOST' })
  expect(box.state).toBe('removed')
  expect(await Container.list({ engine: host.engine, all: true })).toEqual([])
  expect(await nothingLeft()).toEqual([])
})
