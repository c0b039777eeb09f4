// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Container, type ContainerOptions, Engine } from '../../../src/index.js'
import { eventually, watchContainer } from '../../support/container-watch.js'
import { isAlive, ownerOf } from '../../support/monitor.js'
import { runProgram } from '../../support/program.js'
import { supervisorGone, useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
const crash = ['sh', '-c', 'echo ran; exit 3']
const forever = ['sleep', '1000']

const run = (options: ContainerOptions) => host.run({ detached: true, ...options })
const anew = (box: Container) => Container.get(box.id, { engine: host.engine })

test('restarts and checks go on with no Node and no supervisor alive', async () => {
  const root = join(host.directory, 'alone')
  const runRoot = join(host.directory, 'alone-run')
  await mkdir(runRoot, { mode: 0o700 })
  const opening = `import { Container, Engine, Image } from 'tscontainer'
    const engine = await Engine.open({ root: '${root}', runRoot: '${runRoot}' })`
  const makes = await runProgram(
    host.directory,
    'makes',
    `${opening}
     const image = await Image.host({ engine })
     const detached = true
     await Container.run(image, { engine, detached, name: 'crashes', restart: 'always', command: ['sh', '-c', 'date +%s%N; exit 3'] })
     await Container.run(image, { engine, detached, name: 'flaps', idle: true, healthcheck: {
       test: 'n=$(($(cat /tmp/n 2>/dev/null) + 1)); echo $n > /tmp/n; echo $n; exit $((n % 2))', intervalMs: 100, retries: 1 } })`,
  )
  expect(await makes.ended()).toMatchObject({ code: 0, errors: '' })
  await supervisorGone(runRoot)
  const alone = Date.now()
  await new Promise((resolve) => setTimeout(resolve, 3000))
  expect(existsSync(join(runRoot, 'v1/supervisor.sock'))).toBe(false)
  const looks = await runProgram(
    host.directory,
    'looks',
    `${opening}
     const crashes = await Container.get('crashes', { engine })
     const flaps = await Container.get('flaps', { engine })
     const runs = []
     for await (const { line } of crashes.logs()) runs.push(Number(line) / 1e6)
     const { restartCount } = await crashes.inspect()
     const seen = []
     flaps.on('health', ({ status }) => seen.push(status))
     while (seen.length < 4) await new Promise((resolve) => setTimeout(resolve, 20))
     console.log(JSON.stringify({ runs, restartCount, seen, health: (await flaps.inspect()).health }))
     for (const box of [crashes, flaps]) await box.remove({ force: true })`,
  )
  const { output, errors, code } = await looks.ended()
  expect({ errors, code }).toEqual({ errors: '', code: 0 })
  const { runs, restartCount, seen, health } = JSON.parse(output)
  expect(runs.filter((time: number) => time > alone).length).toBeGreaterThan(1)
  expect(restartCount).toBeGreaterThanOrEqual(4)
  expect(Number(health.log.at(-1).output)).toBeGreaterThan(10)
  expect(seen.slice(0, 4).join(' ')).toMatch(
    /^(healthy unhealthy healthy unhealthy|unhealthy healthy unhealthy healthy)$/,
  )
  await supervisorGone(runRoot)
})

test('a monitor leaves when its container has ended for good, and not before', async () => {
  const program = await runProgram(
    host.directory,
    'leaves-alone',
    `import { Container, Engine, Image } from 'tscontainer'
     const engine = await Engine.open({ root: '${host.root}', runRoot: '${host.runRoot}' })
     const box = await Container.run(await Image.host({ engine }), { engine, detached: true, restart: 'on-failure:3',
       command: ['sh', '-c', 'sleep 0.3; exit 3'] })
     console.log(box.id, box.pid)`,
  )
  const [id = '', pid] = (await program.line()).split(' ')
  const monitor = ownerOf(Number(pid))
  await program.ended()
  await eventually(
    async () => isAlive(monitor),
    (alive) => !alive,
  )
  const box = await Container.get(id, { engine: host.engine })
  expect(await box.inspect()).toMatchObject({ state: 'stopped', exit: { code: 3 }, restartCount: 3 })
  await box.remove()
})

describe('when the monitor is killed', () => {
  test('while a restart is to come, the container stays stopped as it was, and starts again when asked', async () => {
    const watch = watchContainer()
    const box = await run({ command: ['sh', '-c', 'sleep 0.2; exit 3'], restart: 'always', on: watch.on })
    const monitor = ownerOf(box.pid)
    await watch.until('stopped 3 again', 4)
    process.kill(monitor, 'SIGKILL')
    await eventually(
      async () => isAlive(monitor),
      (alive) => !alive,
    )
    const found = await anew(box)
    expect(await found.inspect()).toMatchObject({
      state: 'stopped',
      exit: { code: 3 },
      nextRestartAt: null,
      restart: 'always',
      restartCount: 4,
    })
    expect(await found.wait()).toMatchObject({ code: 3 })
    await found.start()
    expect(found.state).toBe('running')
    await found.remove({ force: true })
  })

  test('while a check runs, that and the container end', async () => {
    const healthcheck = { test: 'echo begun; sleep 1234', intervalMs: 20 }
    const box = await run({ command: forever, healthcheck, restart: 'always' })
    await eventually(
      () => box.processes(),
      (list) => list.some(({ command }) => command.includes('1234')),
    )
    const pids = (await box.processes()).map(({ hostPid }) => hostPid)
    expect(pids.length).toBeGreaterThan(2)
    process.kill(ownerOf(box.pid), 'SIGKILL')
    await eventually(
      async () => pids.filter(isAlive),
      (alive) => alive.length === 0,
    )
    const found = await anew(box)
    expect(await found.inspect()).toMatchObject({
      state: 'stopped',
      exit: { code: 137 },
      health: { status: 'unhealthy' },
    })
    await found.remove()
  })
})

test('the death of the supervisor touches neither restarts nor checks of a detached container', async () => {
  const watch = watchContainer()
  const healthcheck = { test: ['CMD', 'true'], intervalMs: 20 }
  const command = ['sh', '-c', 'sleep 0.3; exit 3']
  const box = await run({ command, healthcheck, restart: 'always', on: watch.on })
  await watch.until('stopped 3 again')
  process.kill((await host.engine.info()).supervisorPid, 'SIGKILL')
  await watch.until('healthy', 3)
  expect(watch.seen.filter((word) => word === 'restarted').length).toBeGreaterThanOrEqual(2)
  await box.remove({ force: true })
})

test('a policy that was changed while nobody had the container is the one it starts with', async () => {
  const box = await run({ command: crash })
  await box.wait()
  await eventually(
    async () => (await anew(box)).inspect(),
    ({ state }) => state === 'stopped',
  )
  const found = await anew(box)
  await found.update({ restart: 'on-failure:1' })
  expect(await found.inspect()).toMatchObject({ restart: 'on-failure:1' })
  await found.start()
  expect(await found.wait()).toMatchObject({ code: 3 })
  expect(await found.inspect()).toMatchObject({ restart: 'on-failure:1', restartCount: 1 })
  await found.remove()
})

test('after a boot the next engine starts what its policy wants', async () => {
  const make = async (name: string, restart: ContainerOptions['restart']) => run({ name, restart, command: forever })
  const boxes = {
    always: await make('always', 'always'),
    alwaysStopped: await make('always-stopped', 'always'),
    unless: await make('unless', 'unless-stopped'),
    unlessStopped: await make('unless-stopped', 'unless-stopped'),
    onFailure: await make('on-failure', 'on-failure'),
    no: await make('no', 'no'),
    never: await host.create({ name: 'never', restart: 'always', command: forever, detached: true }),
  }
  const owners = Object.values(boxes).map(({ pid, name }) => (name === 'never' ? 0 : ownerOf(pid)))
  await boxes.alwaysStopped.stop({ timeoutMs: 0 })
  await boxes.unlessStopped.kill()
  await boxes.unlessStopped.wait()
  // The machine goes down: everything dies at once, and the kernel has another name afterwards.
  owners.push((await host.engine.info()).supervisorPid, ownerOf((await boxes.never.inspect()).pid))
  for (const pid of owners) if (pid > 0 && isAlive(pid)) process.kill(pid, 'SIGKILL')
  await eventually(
    async () => owners.filter((pid) => pid > 0 && isAlive(pid)),
    (alive) => alive.length === 0,
  )
  for (const { id } of Object.values(boxes)) {
    const path = join(host.root, 'containers', id, 'state.json')
    const state = JSON.parse(await readFile(path, 'utf8'))
    await writeFile(path, JSON.stringify({ ...state, bootId: 'another' }))
  }
  const engine = await Engine.open({ root: host.root, runRoot: host.runRoot })
  const up = async () => {
    const names = (await Container.list({ engine })).map(({ name }) => name)
    return names.sort()
  }
  expect(await eventually(up, (names) => names.length === 3)).toEqual(['always', 'always-stopped', 'unless'])
  for (const { id } of Object.values(boxes)) {
    const box = await Container.get(id, { engine })
    const { state, restartCount, name } = await box.inspect()
    expect({ name, state, restartCount }).toEqual({
      name,
      state: ['always', 'always-stopped', 'unless'].includes(name) ? 'running' : 'stopped',
      restartCount: 0,
    })
    await box.remove({ force: true })
  }
  await engine.close()
})
