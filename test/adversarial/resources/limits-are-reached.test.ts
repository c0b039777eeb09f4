// SPDX-License-Identifier: Apache-2.0
import { mkdir, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect } from 'vitest'
import { Actor, type ActorError } from '../../crash/actor-process.js'
import { makeMaterials } from '../../crash/materials.js'
import { makeWorld, settle, type World } from '../../crash/world.js'
import { testNeeding } from '../../support/needs.js'
import { slow } from '../../support/slow.js'

const small = `/sys/fs/cgroup/memory/tsc-small-${process.pid}`

let world: World | undefined
let actor: Actor | undefined

afterEach(async () => {
  await actor?.end()
  await world?.remove()
  actor = undefined
})

const works = async (engine: Actor): Promise<void> => {
  await engine.do('run', { name: 'box' })
  expect(await engine.do('exec', { name: 'box', script: 'echo alive' })).toBe('alive\n')
  await engine.do('remove', 'box')
}

const firstFailure = async (
  most: number,
  deed: (index: number) => Promise<unknown>,
): Promise<ActorError | undefined> => {
  for (let index = 0; index < most; index++) {
    const failure = await deed(index).then(
      () => undefined,
      (error: ActorError) => error,
    )
    if (failure) return failure
  }
  return undefined
}

describe('where nothing is left', () => {
  testNeeding('root')('of descriptors, a container is refused with the limit named, and the others live', async () => {
    world = await makeWorld()
    actor = await Actor.start(world, ['prlimit', '--nofile=72:72'])
    const engine = actor
    await works(engine)
    const failure = await firstFailure(40, (index) => engine.do('run', { name: `box-${index}` }))
    expect(failure?.code).toBe('ERR_RESOURCE_EXHAUSTED')
    // There may be none left for the streams of a command either: then that is refused, and nobody's container ends.
    const said = await engine.do('exec', { name: 'box-0', script: 'echo alive' }).catch(({ code }: ActorError) => code)
    expect(['alive\n', 'ERR_RESOURCE_EXHAUSTED']).toContain(said)
    await engine.do('remove', 'box-1')
    expect(await engine.do('exec', { name: 'box-0', script: 'echo alive' })).toBe('alive\n')
    await engine.do('clear')
    await works(engine)
  })

  testNeeding('root', 'cgroup v1 controllers')(
    'of the memory of the supervisor, what it does fails with a typed error, and the next one does it',
    async () => {
      world = await makeWorld()
      const { rootTar, stop } = await makeMaterials(world.directory, { data: 40 })
      await stop()
      actor = await Actor.start(world)
      await mkdir(small)
      await writeFile(join(small, 'memory.limit_in_bytes'), '524288')
      await writeFile(join(small, 'cgroup.procs'), String(await actor.do('open')))
      const engine = actor
      const failure = await firstFailure(20, (index) => engine.do('run', { name: `box-${index}` }))
      expect(failure?.code).toMatch(/^ERR_/)
      await writeFile(join(small, 'memory.limit_in_bytes'), '-1')
      await engine.do('open')
      await engine.do('clear')
      await works(engine)
      await engine.do('import', rootTar)
      await engine.end()
      actor = undefined
      expect(await settle(world, { timeoutMs: 4000 * slow })).toEqual([])
      await rmdir(small)
    },
  )
})
