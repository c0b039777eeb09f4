// SPDX-License-Identifier: Apache-2.0
import { mkdir, readlink, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Container, Engine, Network } from '../../../src/index.js'
import { runProgram } from '../../support/program.js'
import { supervisorGone, useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
const get = async (name: string) => await Container.get(name, { engine: host.engine })
const missing = { code: 'ERR_CONTAINER_NOT_FOUND' }
const resolves = async (box: Container, name: string) =>
  (await box.exec(['getent', 'hosts', name], { check: false })).exitCode === 0

test('a container has another name in each state, and the one before is free', async () => {
  const box = await host.create({ name: 'first', command: ['sleep', '1000'], hostname: 'stays' })
  const told: string[] = []
  box.on('renamed', ({ container, previousName }) => told.push(`${previousName} ${container.name} ${box.name}`))
  await box.rename('second')
  await box.start()
  await box.rename('third')
  expect((await get('third')).id).toBe(box.id)
  expect((await box.exec(['uname', '-n'])).stdout).toBe('stays\n')
  await expect(get('second')).rejects.toMatchObject(missing)
  await box.pause().catch(() => {})
  await box.rename('fourth')
  await box.stop({ timeoutMs: 0 })
  await box.rename('fifth')
  expect(told).toEqual(['first second second', 'second third third', 'third fourth fourth', 'fourth fifth fifth'])
  expect(await box.inspect()).toMatchObject({ name: 'fifth' })
  const other = await host.create({ name: 'first' })
  await expect(other.rename('fifth')).rejects.toMatchObject({ code: 'ERR_NAME_IN_USE', object: 'fifth' })
  await expect(other.rename('no/name')).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT', option: 'name' })
  await other.rename('first')
  expect([other.name, (await get('first')).id, told.length]).toEqual(['first', other.id, 4])
  for (const one of [box, other]) await one.remove()
  await expect(box.rename('sixth')).rejects.toMatchObject(missing)
  await expect(get('fifth')).rejects.toMatchObject(missing)
})

test('others on its networks find it by its name of now, whoever keeps it', async () => {
  await using network = await Network.create({ engine: host.engine, name: 'renames' })
  await using client = await host.idle({ network })
  for (const detached of [false, true]) {
    const box = await host.idle({ name: 'before', network: { network, aliases: ['alias'] }, detached })
    expect(await resolves(client, 'before')).toBe(true)
    await box.rename('after')
    await expect.poll(async () => await resolves(client, 'after.renames')).toBe(true)
    expect([await resolves(client, 'alias'), await resolves(client, 'before')]).toEqual([true, false])
    await box.restart()
    await expect.poll(async () => await resolves(client, 'after')).toBe(true)
    expect(await resolves(client, 'before')).toBe(false)
    await box.remove({ force: true })
  }
})

test('a detached container keeps it, and of two names that a killed process left the one in its record', async () => {
  const place = { root: join(host.directory, 'own/root'), runRoot: join(host.directory, 'own/run') }
  await mkdir(place.runRoot, { recursive: true, mode: 0o700 })
  const program = await runProgram(
    host.directory,
    'renames',
    `import { Container, Engine, Image } from 'tscontainer'
     const engine = await Engine.open(${JSON.stringify(place)})
     const box = await Container.run(await Image.host({ engine }), { engine, name: 'old', detached: true, idle: true })
     await box.rename('new')
     await box.stop()
     console.log(box.id)
     await engine.close()`,
  )
  const { output } = await program.ended()
  const id = output.trim()
  const names = join(place.root, 'names')
  {
    const engine = await Engine.open(place)
    const box = await Container.get('new', { engine })
    expect(box).toMatchObject({ id, name: 'new', state: 'stopped' })
    for (const left of ['old', 'newer']) await symlink(id, join(names, left))
    // That leads to it already, as after a kill in the middle.
    await box.rename('newer')
    await box.rename('new')
    await symlink(id, join(names, 'newer'))
    await engine.close()
    await supervisorGone(place.runRoot)
  }
  const engine = await Engine.open(place)
  const box = await Container.get('new', { engine })
  expect([box.id, await readlink(join(names, 'new'))]).toEqual([id, id])
  for (const left of ['old', 'newer']) await expect(Container.get(left, { engine })).rejects.toMatchObject(missing)
  await box.remove()
  await engine.close()
  await supervisorGone(place.runRoot)
})
