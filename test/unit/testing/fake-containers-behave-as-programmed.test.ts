// SPDX-License-Identifier: Apache-2.0
import { describe, expectTypeOf, test } from 'vitest'
import { Container, type ContainerApi, type ContainerHandle, EngineError } from '../../../src/index.js'
import { createFakeEngine, expect } from '../../../src/testing.js'

// What a program under test may look like: it takes Container itself, or what stands for it.
const migrate = async (containers: ContainerApi): Promise<string> => {
  await using database = await containers.run('postgres:16', { name: 'db', labels: { kind: 'database' } })
  for await (const { line } of database.logs({ follow: true })) if (line.includes('ready')) break
  const { stdout } = await database.exec(['psql', '-c', 'select 1'])
  return stdout.trim()
}

test('the class and its containers are what the interfaces say', () => {
  expectTypeOf(Container).toExtend<ContainerApi>()
  expectTypeOf<Container>().toExtend<ContainerHandle>()
})

test('code that takes the interface runs without a kernel', async () => {
  const { containers, made } = createFakeEngine({
    'postgres:16': {
      logs: ['starting', 'ready to accept connections'],
      exec: ([program]) => (program === 'psql' ? { stdout: '1\n' } : undefined),
    },
  })
  expect(await migrate(containers)).toBe('1')
  expect(made).toEqual([{ image: 'postgres:16', options: { name: 'db', labels: { kind: 'database' } } }])
  expect(await containers.list({ all: true })).toEqual([])
})

describe('a life', () => {
  test('has the states and events of a real one, in order', async () => {
    const engine = createFakeEngine()
    engine.image('job', { exit: ({ env }) => (env?.FAIL ? { code: 4 } : undefined), stopCode: 7 })
    const seen: string[] = []
    const note = ({ type }: { readonly type: string }) => void seen.push(type)
    const on = { created: note, running: note, paused: note, stopped: note, removed: note }
    const box = await engine.containers.create('job', { on })
    expect(box.state).toBe('created')
    await box.start()
    expect(box).toBeRunning()
    await expect(box.start()).rejects.toMatchObject({ code: 'ERR_CONTAINER_STATE' })
    await expect(box.remove()).rejects.toMatchObject({ code: 'ERR_CONTAINER_STATE' })
    await box.pause()
    await box.resume()
    const waiting = box.wait()
    expect(await box.stop()).toMatchObject({ code: 7, signal: null })
    expect(await waiting).toMatchObject({ code: 7 })
    await box.start()
    await box.kill()
    await expect(box).toHaveExited(137)
    const gone = box.wait({ condition: 'removed' })
    await box.remove()
    await gone
    await expect(box.start()).rejects.toMatchObject({ code: 'ERR_CONTAINER_NOT_FOUND' })
    expect(seen).toEqual(['created', 'running', 'paused', 'running', 'stopped', 'running', 'stopped', 'removed'])
    const failing = await engine.containers.run('job', { env: { FAIL: '1' } })
    expect(await failing.wait()).toMatchObject({ code: 4 })
  })

  test('names are unique, found, and refused as by a real engine', async () => {
    const { containers } = createFakeEngine({ job: { ports: [80] } })
    const box = await containers.run('job', { name: 'a', labels: { x: '1' } })
    await expect(containers.run('job', { name: 'a' })).rejects.toMatchObject({ code: 'ERR_NAME_IN_USE' })
    await expect(containers.run('nothing')).rejects.toMatchObject({ code: 'ERR_IMAGE_NOT_FOUND' })
    await expect(containers.get('nobody')).rejects.toMatchObject({ code: 'ERR_CONTAINER_NOT_FOUND' })
    await expect(containers.run('job', { memroy: 1 } as never)).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
    expect(await containers.get(box.id.slice(0, 8))).toBe(box)
    expect(await containers.list({ labels: { x: '1' } })).toEqual([box])
    expect(await containers.list({ labels: { x: '2' } })).toEqual([])
    await expect(box).toHavePort(80)
    await expect(box).not.toHavePort(81)
  })
})

describe('a command', () => {
  const { containers } = createFakeEngine({
    box: {
      exec: async ([program, argument], { stdin }) => {
        if (program === 'echo') return { stdout: `${argument}\n` }
        if (program === 'false') return { exitCode: 1, stderr: 'no\n' }
        if (program === 'cat') return { stdout: String(stdin) }
        if (program === 'sleep') return await new Promise<never>(() => {})
        return undefined
      },
    },
  })

  test('answers as a promise and as streams', async () => {
    const box = await containers.run('box')
    const { stdout, exitCode } = await box.exec(['echo', 'hello'])
    expect({ stdout, exitCode }).toEqual({ stdout: 'hello\n', exitCode: 0 })
    const lines: string[] = []
    for await (const line of box.exec(['cat'], { stdin: 'a\nb' }).stdout.lines()) lines.push(line)
    expect(lines).toEqual(['a', 'b'])
    expect((await box.exec(['echo', 'x'], { encoding: 'bytes' })).stdout).toEqual(new Uint8Array([120, 10]))
  })

  test('fails as a real one does', async () => {
    const box = await containers.run('box')
    const failed = await box.exec(['false']).catch((error: unknown) => error)
    if (!EngineError.is(failed, 'ERR_EXEC_FAILED')) throw failed
    expect(failed.result).toMatchObject({ exitCode: 1, stderr: 'no\n' })
    expect(await box.exec(['false'], { check: false })).toMatchObject({ exitCode: 1 })
    await expect(box.exec(['absent'])).rejects.toMatchObject({ code: 'ERR_EXEC_SPAWN', errno: 'ENOENT' })
    await expect(box.exec(['sleep'], { timeoutMs: 5 })).rejects.toMatchObject({ code: 'ERR_EXEC_TIMEOUT' })
    const killed = box.exec(['sleep'], { check: false })
    await killed.kill('SIGINT')
    expect(await killed).toMatchObject({ signal: 'SIGINT', exitCode: 130 })
    const reason = new Error('enough')
    const aborted = new AbortController()
    const running = box.exec(['sleep'], { signal: aborted.signal })
    aborted.abort(reason)
    await expect(running).rejects.toBe(reason)
    const ending = box.exec(['sleep'], { check: false })
    await box.stop()
    expect(await ending).toMatchObject({ signal: 'SIGKILL' })
    await expect(box.exec(['echo'])).rejects.toMatchObject({ code: 'ERR_CONTAINER_STATE' })
  })
})
