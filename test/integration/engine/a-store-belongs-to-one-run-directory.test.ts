// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Container, Engine, Image } from '../../../src/index.js'
import { scratchBase, supervisorGone } from '../../support/test-engine.js'

let directory: string
let root: string
beforeAll(async () => {
  directory = await mkdtemp(join(scratchBase(), 'tsc-claim-'))
  root = join(directory, 'root')
})
afterAll(async () => {
  await rm(directory, { recursive: true, force: true })
})

const runRootOf = (name: string) => join(directory, name)
const open = async (name: string): Promise<Engine> => {
  await mkdir(runRootOf(name), { mode: 0o700, recursive: true })
  return await Engine.open({ root, runRoot: runRootOf(name) })
}
const close = async (name: string, engine: Engine) => {
  await engine.close()
  await supervisorGone(runRootOf(name))
}
const box = async (engine: Engine, detached = false): Promise<Container> =>
  await Container.run(await Image.host({ engine }), { engine, detached, command: ['sleep', '1000'] })
const refused = { code: 'ERR_STORE_IN_USE', step: 'claim store', hint: expect.stringContaining('runRoot') }

test('an engine with another run directory is refused, and takes nothing away', async () => {
  const engine = await open('one')
  const made = await box(engine)
  const staging = join(root, 'tmp/half-done')
  await mkdir(staging)
  await writeFile(join(staging, 'file'), '')
  const other = await open('other')
  await expect(Container.list({ engine: other })).rejects.toMatchObject({ ...refused, object: runRootOf('one') })
  await other.close()
  expect(existsSync(join(staging, 'file'))).toBe(true)
  expect(made.state).toBe('running')
  expect((await made.exec(['echo', 'alive'])).stdout).toBe('alive\n')

  const same = await open('one')
  expect((await Container.list({ engine: same })).map(({ id }) => id)).toEqual([made.id])
  await same.close()
  await made.remove({ force: true })
  await close('one', engine)
})

test('a detached container keeps the store for its run directory, without an engine too', async () => {
  const first = await open('first')
  const made = await box(first, true)
  await close('first', first)
  const second = await open('second')
  await expect(Container.list({ engine: second })).rejects.toMatchObject({ ...refused, object: runRootOf('first') })

  const again = await open('first')
  const found = await Container.get(made.id, { engine: again })
  expect(found.state).toBe('running')
  await found.remove({ force: true })
  await close('first', again)
  expect(await Container.list({ engine: second, all: true })).toEqual([])
  await close('second', second)
})

test('of two that come at once one has it', async () => {
  for (let round = 0; round < 3; round++) {
    const engines = await Promise.all(['left', 'right'].map(open))
    const said = await Promise.allSettled(engines.map((engine) => Container.list({ engine, all: true })))
    const failures = said.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []))
    expect(failures).toEqual([expect.objectContaining(refused)])
    await Promise.all(['left', 'right'].map((name, index) => close(name, engines[index]!)))
  }
})

test('a supervisor that was killed keeps nothing', async () => {
  const engine = await open('killed')
  process.kill((await engine.info()).supervisorPid, 'SIGKILL')
  const heir = await open('heir')
  expect(await Container.list({ engine: heir, all: true })).toEqual([])
  await engine.close()
  for (const image of await Image.list({ engine: heir })) await image.remove({ force: true })
  await close('heir', heir)
  // What it left in cgroups is its own successor's to remove.
  const again = await open('killed')
  expect(await Container.list({ engine: again, all: true })).toEqual([])
  await close('killed', again)
})
