// SPDX-License-Identifier: Apache-2.0
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Container, Engine } from '../../../src/index.js'
import { runProgram } from '../../support/program.js'
import { slow } from '../../support/slow.js'
import { emptyAndClose, useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
let box: Container
beforeAll(async () => {
  box = await host.idle()
})
afterAll(() => box.remove({ force: true }))

const commandLines = async () => (await box.sh('cat /proc/[0-9]*/cmdline | tr "\\0" " "')).stdout

test('while they run and after their end, by id and by the beginning of one', async () => {
  const run = box.exec(['sleep', '971'], { check: false })
  const { pid } = await run.spawned()
  const found = await box.getExec(run.id)
  expect(found).toMatchObject({ id: run.id, argv: ['sleep', '971'], pid, running: true, result: null })
  expect(found.startedAt.getTime()).toBeLessThanOrEqual(Date.now() + 1000)
  expect((await box.execs()).map(({ id }) => id)).toContain(run.id)
  const ended = found.wait()
  await found.kill('SIGTERM')
  expect(await ended).toMatchObject({ signal: 'SIGTERM', exitCode: 143, stdout: '' })
  expect(await run).toMatchObject({ signal: 'SIGTERM' })
  const again = await box.getExec(run.id.slice(0, 20))
  expect(again).toMatchObject({ running: false, pid: null, result: { exitCode: 143 } })
  expect(await again.wait()).toMatchObject({ exitCode: 143 })
  await again.kill()
  await found.refresh()
  expect(found.running).toBe(false)
})

test('only the last ones are remembered, and what never was is not found', async () => {
  const first = box.exec(['true'])
  await first
  for (let batch = 0; batch < 4; batch++) await Promise.all(Array.from({ length: 40 }, () => box.exec(['true'])))
  await expect(box.getExec(first.id)).rejects.toMatchObject({ code: 'ERR_EXEC_NOT_FOUND' })
  expect((await box.execs()).length).toBe(128)
  await expect(box.getExec('f'.repeat(64))).rejects.toMatchObject({ code: 'ERR_EXEC_NOT_FOUND' })
  await expect(box.getExec('no id')).rejects.toMatchObject({ code: 'ERR_EXEC_NOT_FOUND' })
  await expect(box.getExec('')).rejects.toMatchObject({ code: 'ERR_EXEC_NOT_FOUND' })
})

test('detached, they outlive the process that began them; others do not', async () => {
  const program = await runProgram(
    host.directory,
    'begins',
    `import { Container, Engine } from 'tscontainer'
     const engine = await Engine.open({ root: '${host.root}', runRoot: '${host.runRoot}' })
     const box = await Container.get('${box.id}', { engine })
     const nowhere = { stdout: 'ignore', stderr: 'ignore' } as const
     const stays = box.exec(['sleep', '972'], { ...nowhere, detached: true })
     const goes = box.exec(['sleep', '973'], nowhere)
     await Promise.all([stays.spawned(), goes.spawned()])
     console.log(stays.id)
     process.kill(process.pid, 'SIGKILL')`,
  )
  const id = (await program.ended()).output.trim()
  await expect.poll(commandLines).not.toContain('sleep 973')
  const other = await Engine.open({ root: host.root, runRoot: host.runRoot })
  const found = await (await Container.get(box.id, { engine: other })).getExec(id)
  expect(found.running).toBe(true)
  await found.kill('SIGKILL')
  expect(await found.wait()).toMatchObject({ signal: 'SIGKILL' })
  await other.close()
})

test('in a detached container they go on, whatever they write, without the supervisor of then too', async () => {
  const place = { root: join(host.directory, 'alone'), runRoot: join(host.directory, 'alone-run') }
  await mkdir(place.runRoot, { mode: 0o700 })
  const program = await runProgram(
    host.directory,
    'leaves-behind',
    `import { open } from 'node:fs/promises'
     import { Container, Engine, Image } from 'tscontainer'
     const engine = await Engine.open(${JSON.stringify(place)})
     const box = await Container.run(await Image.host({ engine }), { engine, name: 'stays', detached: true, idle: true })
     const counting = 'i=0; while :; do i=$((i + 1)); echo "$i and more than a pipe holds"; echo $i > /tmp/'
     const detached = { detached: true, check: false } as const
     const piped = box.sh(counting + 'piped; done', { ...detached, stdin: 'pipe' })
     const streamed = box.sh(counting + 'streamed; done', { ...detached, buffer: false })
     const typed = box.sh(counting + 'typed; done', { ...detached, tty: true })
     const log = await open('${join(host.directory, 'log')}', 'w')
     const logged = box.sh('while ! test -e /tmp/end; do sleep 0.05; done; echo ended; exit 7', { ...detached, stdout: log })
     const execs = [piped, streamed, typed, logged]
     await Promise.all(execs.map((exec) => exec.spawned()))
     const { supervisorPid } = await engine.info()
     console.log(JSON.stringify({ supervisorPid, ids: execs.map(({ id }) => id) }))
     process.kill(supervisorPid, 'SIGKILL')
     process.kill(process.pid, 'SIGKILL')`,
  )
  const { ids } = JSON.parse((await program.ended()).output) as { readonly ids: readonly string[] }
  const engine = await Engine.open(place)
  const stays = await Container.get('stays', { engine })
  const execs = await Promise.all(ids.map((id) => stays.getExec(id)))
  expect(execs.map(({ running, detached }) => [running, detached])).toEqual(execs.map(() => [true, true]))
  for (const name of ['piped', 'streamed', 'typed']) {
    const count = async () => Number(await stays.fs.readFile(`/tmp/${name}`, 'utf8'))
    const before = await count()
    await expect.poll(count, { timeout: 20_000 * slow, message: name }).toBeGreaterThan(before + 3000)
  }
  const [piped, , , logged] = execs
  await piped?.kill('SIGTERM')
  expect(await piped?.wait()).toMatchObject({ signal: 'SIGTERM' })
  const ended = logged?.wait()
  await stays.fs.writeFile('/tmp/end', '')
  expect(await ended).toMatchObject({ exitCode: 7, stdout: '' })
  expect(await readFile(join(host.directory, 'log'), 'utf8')).toBe('ended\n')
  expect(await stays.getExec(ids[3] as string)).toMatchObject({ running: false, result: { exitCode: 7 } })
  expect((await stays.execs()).filter(({ running }) => running)).toHaveLength(2)
  await emptyAndClose(engine, place.runRoot)
})

test('a wait for one is given up by its signal, and the command goes on', async () => {
  const run = box.exec(['sleep', '974'], { check: false })
  await run.spawned()
  const found = await box.getExec(run.id)
  const controller = new AbortController()
  const waiting = found.wait({ signal: controller.signal })
  controller.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
  expect((await box.getExec(run.id)).running).toBe(true)
  await run.kill('SIGKILL')
  await run
})
