// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import { Container, type EventOf } from '../../../src/index.js'
import { runProgram } from '../../support/program.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()

const has = async (controller: string) => (await host.engine.info()).cgroup.controllers.includes(controller)
const refusal = expect.objectContaining({ code: 'ERR_UNSUPPORTED', option: 'pressure', hint: expect.any(String) })

test('memory that has to be read again and again is told, to listeners and to the engine', async () => {
  const pressure = [{ resource: 'memory', kind: 'some', stallMs: 20, windowMs: 2000 }] as const
  if (!(await has('pressure')) || !(await has('memory'))) {
    if (!(await has('pressure'))) await expect(host.create({ command: ['true'], pressure })).rejects.toEqual(refusal)
    return
  }
  const events: EventOf<'pressure'>[] = []
  const box = await host.idle({ memory: '24MiB', pressure, on: { pressure: (event) => events.push(event) } })
  const controller = new AbortController()
  const told = host.engine.events({ filter: { types: ['pressure'] }, signal: controller.signal })
  const script = 'head -c 64M /dev/zero > /x; while :; do cat /x > /dev/null; done'
  const exec = box.sh(script, { check: false })
  const { value } = await told.next()
  expect(value).toMatchObject({ type: 'pressure', container: { id: box.id }, ...pressure[0] })
  expect(events[0]).toMatchObject({ type: 'pressure', resource: 'memory', cursor: value?.cursor })
  controller.abort()
  await exec.kill()
  await exec
  await box.remove({ force: true })
})

test('the monitor of a detached container tells it too, after a restart, to a process that came later', async () => {
  if (!(await has('pressure'))) return
  const program = await runProgram(
    host.directory,
    'leaves-under-pressure',
    `import { Container, Engine, Image } from 'tscontainer'
     const engine = await Engine.open({ root: '${host.root}', runRoot: '${host.runRoot}' })
     await Container.run(await Image.host({ engine }), {
       engine, name: 'squeezed', detached: true, pressure: [{ resource: 'cpu', stallMs: 50 }],
       command: ['sh', '-c', 'for i in $(seq $(($(nproc) + 2))); do while :; do :; done & done; wait'],
     })
     process.kill(process.pid, 'SIGKILL')`,
  )
  expect((await program.ended()).errors).toBe('')
  const box = await Container.get('squeezed', { engine: host.engine })
  const next = () => new Promise<EventOf<'pressure'>>((resolve) => box.once('pressure', resolve))
  expect(await next()).toMatchObject({ resource: 'cpu', kind: 'some', stallMs: 50, windowMs: 2000 })
  await box.restart({ timeoutMs: 0 })
  expect(await next()).toMatchObject({ container: { name: 'squeezed' } })
  await box.remove({ force: true })
})

test('what the kernel would not take is refused by name', async () => {
  const wrong = [
    { pressure: [{ resource: 'disk', stallMs: 1 }], option: 'pressure[0].resource' },
    { pressure: [{ resource: 'cpu' }], option: 'pressure[0].stallMs' },
    { pressure: [{ resource: 'cpu', stallMs: 0 }], option: 'pressure[0].stallMs' },
    { pressure: [{ resource: 'cpu', stallMs: 600, windowMs: 500 }], option: 'pressure[0].stallMs' },
    { pressure: [{ resource: 'cpu', stallMs: 1, windowMs: 499 }], option: 'pressure[0].windowMs' },
    { pressure: Array.from({ length: 17 }, () => ({ resource: 'cpu', stallMs: 1 })), option: 'pressure' },
  ]
  for (const { pressure, option } of wrong) {
    await expect(host.create({ command: ['true'], pressure: pressure as never })).rejects.toMatchObject({
      code: 'ERR_INVALID_ARGUMENT',
      option,
    })
  }
})

test('a window that needs a capability works, or is refused with what helps; nothing is left', async () => {
  if (!(await has('pressure'))) return
  const pressure = [{ resource: 'io', kind: 'full', stallMs: 10, windowMs: 700 }] as const
  const made = await host.create({ command: ['true'], pressure }).catch((error: unknown) => error)
  if (made instanceof Container) await made.remove()
  else expect(made).toMatchObject({ code: 'ERR_UNSUPPORTED', hint: expect.stringContaining('2000') })
  expect(await Container.list({ engine: host.engine, all: true })).toEqual([])
})
