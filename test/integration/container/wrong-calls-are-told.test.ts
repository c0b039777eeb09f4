// SPDX-License-Identifier: Apache-2.0
import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { Container, Engine, EngineError, Image, Network } from '../../../src/index.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
let box: Container
beforeAll(async () => {
  box = await host.create({ command: ['sh', '-c', 'echo over'] })
})

const told = async (call: () => unknown): Promise<EngineError> => {
  const error: unknown = await Promise.resolve()
    .then(call)
    .then(
      () => new Error('was accepted'),
      (reason: unknown) => reason,
    )
  if (!EngineError.is(error)) throw error
  return error
}

// What JavaScript lets a program do, and types would have refused.
const nothing = undefined as never
const nobody = null as never

describe('a call that makes no sense names what is wrong with it', () => {
  test.each<[call: string, option: string, () => unknown]>([
    ['build()', 'options', () => Image.build(nothing)],
    ['build(null)', 'options', () => Image.build(nobody)],
    ["run('x', ['true'])", 'options', () => Container.run('x', ['true'] as never)],
    ['update()', 'options', () => box.update(nothing)],
    ["on('die')", 'type', () => box.on('die' as never, () => {})],
    ["once('running')", 'listener', () => box.once('running', nothing)],
    ["engine.on('start')", 'type', () => host.engine.on('start' as never, () => {})],
    ['events(null)', 'options', () => host.engine.events(nobody)],
    [
      "events({ filter: { types: ['die'] } })",
      'filter.types[0]',
      () => host.engine.events({ filter: { types: ['die' as never] } }),
    ],
    [
      "events({ filter: { type: 'running' } })",
      'filter.type',
      () => host.engine.events({ filter: { type: 'running' } as never }),
    ],
    ['image.remove({ forced: true })', 'forced', () => host.image.remove({ forced: true } as never)],
    ['volumes of Docker', 'volumes', () => host.create({ volumes: ['/a:/b'] } as never)],
  ])('%s', async (_, option, call) => {
    expect(await told(call)).toMatchObject({ code: 'ERR_INVALID_ARGUMENT', option })
  })

  test('containers of networks', async () => {
    const network = await Network.create({ engine: host.engine }).catch(() => undefined)
    if (!network) return
    for (const call of [
      () => network.connect(nothing),
      () => network.disconnect(nobody),
      () => network.partition(nobody, 'x'),
      () => network.heal(nobody),
    ])
      expect(await told(call)).toMatchObject({ code: 'ERR_INVALID_ARGUMENT', option: 'container' })
    expect(await told(() => network.update(nothing))).toMatchObject({ option: 'options' })
    expect(await told(() => network.impair(box, nothing))).toMatchObject({ option: 'impairment' })
    await network.remove()
  })
})

test('what Docker calls otherwise is said by its name here', async () => {
  const hintFor = async (options: object) => (await told(() => host.create(options as never))).hint
  expect(await hintFor({ volumes: [] })).toBe("did you mean 'mounts'?")
  expect(await hintFor({ cmd: [] })).toBe("did you mean 'command'?")
  expect(await hintFor({ rm: true })).toBe("did you mean 'autoRemove'?")
  expect(await hintFor({ mounts: ['/a:/b'] })).toContain("type: 'bind'")
  expect(await hintFor({ env: ['A=1'] })).toContain('NAME')
})

test('of two starts at once the second one says that it is the second', async () => {
  const lasting = await host.create({ command: ['sleep', '1000'] })
  const starts = await Promise.allSettled([lasting.start(), lasting.start()])
  const reasons = starts.flatMap((start) => (start.status === 'rejected' ? [start.reason] : []))
  expect(reasons).toHaveLength(1)
  expect(reasons[0]).toMatchObject({ code: 'ERR_CONTAINER_STATE' })
  expect(reasons[0].hint ?? reasons[0].message).toMatch(/wait for that call|it is (running|stopped)/)
})

test('whoever attaches to what ends just now sees it end, or is told that it has', async () => {
  const outcome = (error: unknown) => (EngineError.is(error) ? [error.code, error.hint] : error)
  for (let round = 0; round < 5; round++) {
    await box.restart()
    const ended = await box.attach().ended().catch(outcome)
    if (ended !== 'exited') expect(ended).toEqual(['ERR_CONTAINER_STATE', 'start it first; logs() has what it wrote'])
  }
})

test('a run directory that others can enter is refused with the cure', async () => {
  const runRoot = join(host.directory, 'open')
  await mkdir(runRoot)
  await chmod(runRoot, 0o755)
  const engine = await Engine.open({ root: join(host.directory, 'other'), runRoot })
  const error = await told(() => engine.info())
  expect(error).toMatchObject({ code: 'ERR_PERMISSION', hint: `chmod 700 ${runRoot}` })
  expect(error.message).toContain('can be entered by others')
  await engine.close()
})
