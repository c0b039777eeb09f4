// SPDX-License-Identifier: Apache-2.0
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Container, EngineError } from '../../../src/index.js'
import { killsTrees, useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
let box: Container
beforeAll(async () => {
  box = await host.idle({ env: { GREETING: 'hello' }, workdir: '/tmp' })
})
afterAll(() => box.remove({ force: true }))

// Without cgroups what calls setsid escapes until the container ends.
const setsid = async () => ((await killsTrees(host.engine)) ? 'setsid' : '')
const commandLines = async () => (await box.sh('cat /proc/[0-9]*/cmdline | tr "\\0" " "')).stdout

const failure = async (promise: PromiseLike<unknown>): Promise<unknown> =>
  await promise.then(
    () => 'no failure',
    (error: unknown) => error,
  )

describe('a command', () => {
  test('gives both streams apart, untrimmed, its status and what it used', async () => {
    const result = await box.sh('echo out; echo err >&2; pwd; echo $GREETING')
    expect(result).toMatchObject({ exitCode: 0, signal: null, timedOut: false, oomKilled: false, stderr: 'err\n' })
    expect(result.stdout).toBe('out\n/tmp\nhello\n')
    expect(result.durationMs).toBeGreaterThan(0)
    expect(result.usage.cpuMs).toBeGreaterThanOrEqual(0)
    expect(result.argv).toEqual(['/bin/sh', '-c', 'echo out; echo err >&2; pwd; echo $GREETING'])
  })

  test('rejects with its result when it fails, unless that is not to be checked', async () => {
    const error = await failure(box.sh('echo some; echo trouble >&2; exit 3'))
    if (!EngineError.is(error, 'ERR_EXEC_FAILED')) throw error
    expect(error.result).toMatchObject({ exitCode: 3, stdout: 'some\n', stderr: 'trouble\n' })
    expect(error.message).toContain('trouble')
    expect(await box.sh('exit 3', { check: false })).toMatchObject({ exitCode: 3 })
    expect(await box.sh('kill -TERM $$', { check: false })).toMatchObject({ exitCode: 143, signal: 'SIGTERM' })
  })

  test('that cannot start is told apart from one that fails', async () => {
    expect(await failure(box.exec(['/no/such']))).toMatchObject({ code: 'ERR_EXEC_SPAWN', errno: 'ENOENT' })
    expect(await failure(box.exec(['no-such-program']))).toMatchObject({ code: 'ERR_EXEC_SPAWN', errno: 'ENOENT' })
    expect(await failure(box.exec(['/etc/passwd']))).toMatchObject({ code: 'ERR_EXEC_SPAWN', errno: 'EACCES' })
    expect(await failure(box.exec(['/usr']))).toMatchObject({ code: 'ERR_EXEC_SPAWN', errno: 'EACCES' })
    expect(await failure(box.exec(['true'], { cwd: '/etc/passwd' }))).toMatchObject({
      code: 'ERR_EXEC_SPAWN',
      errno: 'ENOTDIR',
    })
    expect(await failure(box.exec(['true'], { cwd: '/nowhere' }))).toMatchObject({
      code: 'ERR_EXEC_SPAWN',
      errno: 'ENOENT',
    })
    expect(await failure(box.exec(['true'], { user: 'nosuchuser' }))).toMatchObject({ code: 'ERR_USER_NOT_FOUND' })
    await expect(box.exec(['/no/such']).spawned()).rejects.toMatchObject({ code: 'ERR_EXEC_SPAWN' })
  })

  test('has the environment, directory and user that it is given', async () => {
    const result = await box.exec(['sh', '-c', 'echo $GREETING $MORE; pwd; id -u'], {
      env: { MORE: 'more', GREETING: 'hi' },
      cwd: '/usr/bin',
      user: 0,
    })
    expect(result.stdout).toBe('hi more\n/usr/bin\n0\n')
  })

  test('reads a text, bytes, a stream, or what is written to it', async () => {
    expect((await box.exec(['cat'], { stdin: 'text' })).stdout).toBe('text')
    expect((await box.exec(['cat'], { stdin: new Uint8Array([104, 105]) })).stdout).toBe('hi')
    const large = 'x'.repeat(300_000)
    expect((await box.exec(['wc', '-c'], { stdin: large })).stdout.trim()).toBe('300000')
    expect((await box.exec(['cat'], { stdin: Readable.from(['a', 'b']) })).stdout).toBe('ab')
    expect((await box.exec(['cat'], { stdin: new Blob(['blob']).stream() })).stdout).toBe('blob')
    expect((await box.exec(['cat'])).stdout).toBe('')
    const cat = box.exec(['cat'], { stdin: 'pipe' })
    const writer = cat.stdin!.getWriter()
    await writer.write('one ')
    await writer.write(new TextEncoder().encode('two'))
    await writer.close()
    expect((await cat).stdout).toBe('one two')
    expect(box.exec(['true']).stdin).toBeNull()
    // A reader that does not read is no failure of the writer's.
    expect((await box.exec(['true'], { stdin: large })).exitCode).toBe(0)
  })

  test('gives bytes as they are', async () => {
    const { stdout } = await box.exec(['printf', '\\377\\000\\001'], { encoding: 'bytes' })
    expect([...stdout]).toEqual([255, 0, 1])
    expect(stdout).toBeInstanceOf(Uint8Array)
  })

  test('writes into a descriptor or nowhere when that is asked for', async () => {
    const path = join(host.directory, 'output')
    const file = await open(path, 'w')
    const result = await box.sh('echo out; echo err >&2', { stdout: file, stderr: 'ignore' })
    await file.close()
    expect(result).toMatchObject({ stdout: '', stderr: '' })
    expect(await readFile(path, 'utf8')).toBe('out\n')
  })

  test('is killed with everything that it started, setsid or not, when its time is over', async () => {
    const started = performance.now()
    const error = await failure(box.sh(`echo begun; ${await setsid()} sleep 987 & sleep 986`, { timeoutMs: 300 }))
    if (!EngineError.is(error, 'ERR_EXEC_TIMEOUT')) throw error
    expect(error.result).toMatchObject({ timedOut: true, stdout: 'begun\n', signal: 'SIGKILL' })
    expect(performance.now() - started).toBeLessThan(5000)
    expect(await commandLines()).not.toMatch(/sleep 98[67]/)
  })

  test('is given time to end by itself', async () => {
    const result = await box.sh('trap "echo bye; exit 4" TERM; while :; do sleep 0.02; done', {
      timeoutMs: 200,
      killGraceMs: 5000,
      check: false,
    })
    expect(result).toMatchObject({ timedOut: true, exitCode: 4, stdout: 'bye\n' })
  })

  test('is aborted with its whole tree, and rejects with the reason', async () => {
    const before = AbortSignal.abort(new Error('too early'))
    expect(await failure(box.exec(['true'], { signal: before }))).toMatchObject({ message: 'too early' })
    const controller = new AbortController()
    const run = box.sh(`${await setsid()} sleep 985 & sleep 984`, { signal: controller.signal })
    await run.spawned()
    await new Promise((resolve) => setTimeout(resolve, 100))
    controller.abort(new Error('enough'))
    expect(await failure(run)).toMatchObject({ message: 'enough' })
    expect(await commandLines()).not.toMatch(/sleep 98[45]/)
  })

  test('takes signals', async () => {
    const run = box.sh('trap "echo got it; exit 9" USR1; echo ready; while :; do sleep 0.02; done', { check: false })
    for await (const line of run.stdout.lines()) {
      if (line === 'ready') await run.kill('SIGUSR1')
    }
    expect(await run).toMatchObject({ exitCode: 9, stdout: 'ready\ngot it\n' })
    await run.kill()
  })

  test('ends with what it left behind, unless it is detached', async () => {
    await box.sh(`${await setsid()} sleep 983 >/dev/null 2>&1 &`)
    expect(await commandLines()).not.toContain('sleep 983')
    await box.sh('setsid sleep 982 >/dev/null 2>&1 &', { detached: true })
    // The shell is gone before setsid(1) has become sleep(1).
    await expect.poll(commandLines).toContain('sleep 982')
  })

  test('that writes too much is killed', async () => {
    const error = await failure(box.sh('yes', { maxBuffer: '1MiB' }))
    if (!EngineError.is(error, 'ERR_EXEC_OUTPUT_LIMIT')) throw error
    expect(String(error.result.stdout).startsWith('y\ny\n')).toBe(true)
  })

  test('is refused when it is no array, empty, or has unknown options', () => {
    const refuse = (act: () => unknown) =>
      expect(act).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }))
    refuse(() => box.exec('ls -l' as never))
    refuse(() => box.exec([]))
    refuse(() => box.exec(['a\0b']))
    refuse(() => box.exec(['true'], { timeout: 5 } as never))
    refuse(() => box.exec(['true'], { cwd: 'relative' }))
    refuse(() => box.exec(['true'], { stdin: true } as never))
    refuse(() => box.exec(['true'], { limits: { memory: '1MB' } }))
    refuse(() => box.exec(['true'], { tty: { columns: 0, rows: 5 } }))
  })
})

describe('streams', () => {
  test('come line by line, and beside the collected result', async () => {
    const run = box.sh('echo one; echo two; printf three')
    const lines: string[] = []
    for await (const line of run.stdout.lines()) lines.push(line)
    expect(lines).toEqual(['one', 'two', 'three'])
    expect((await run).stdout).toBe('one\ntwo\nthree')
  })

  test('come in order of arrival', async () => {
    const run = box.sh('echo a; sleep 0.05; echo b >&2; sleep 0.05; echo c')
    const seen: string[] = []
    for await (const { stream, chunk } of run.output) seen.push(`${stream} ${Buffer.from(chunk).toString().trim()}`)
    expect(seen).toEqual(['stdout a', 'stderr b', 'stdout c'])
    await run
  })

  test('of an unbuffered command have back-pressure, and nothing is collected', async () => {
    const run = box.sh('head -c 20000000 /dev/zero; echo done >&2', { buffer: false })
    await new Promise((resolve) => setTimeout(resolve, 100))
    let bytes = 0
    for await (const chunk of run.stdout) bytes += chunk.byteLength
    expect(bytes).toBe(20_000_000)
    expect(await run).toMatchObject({ exitCode: 0, stdout: '', stderr: '' })
  })

  test('can be streams of Node', async () => {
    const run = box.sh('head -c 5000000 /dev/zero', { buffer: false })
    let bytes = 0
    for await (const chunk of run.stdout.toNode()) bytes += (chunk as Buffer).byteLength
    expect(bytes).toBe(5_000_000)
    await run
  })

  test('both of them unbuffered, in order', async () => {
    const run = box.sh('echo a; sleep 0.05; echo b >&2', { buffer: false })
    const seen: string[] = []
    for await (const { stream } of run.output) seen.push(stream)
    expect(seen).toEqual(['stdout', 'stderr'])
    await run
  })

  test('mark the promise as handled, and tell when nothing was started', async () => {
    const run = box.exec(['/no/such'])
    await expect(run.stdout.getReader().read()).rejects.toMatchObject({ code: 'ERR_EXEC_SPAWN' })
    const ignored = box.sh('exit 1')
    for await (const _ of ignored.stdout.lines());
    await new Promise((resolve) => setTimeout(resolve, 50))
  })
})

describe('a terminal', () => {
  test('is one, has a size and TERM, and gives both streams in one', async () => {
    const { stdout } = await box.sh('test -t 0 && test -t 1 && stty size; echo $TERM; echo err >&2', {
      tty: { columns: 100, rows: 30 },
    })
    expect(stdout.replaceAll('\r', '')).toBe('30 100\nxterm\nerr\n')
  })

  test('changes its size', async () => {
    const script = 'trap "stty size; exit 0" WINCH; echo ready; while :; do sleep 0.02; done'
    const run = box.sh(script, { tty: { columns: 80, rows: 24 } })
    for await (const line of run.stdout.lines())
      if (line.includes('ready')) await run.resize({ columns: 132, rows: 50 })
    expect((await run).stdout).toContain('50 132')
    await run.resize({ columns: 1, rows: 1 })
    await expect(box.exec(['true']).resize({ columns: 1, rows: 1 })).rejects.toMatchObject({
      code: 'ERR_INVALID_ARGUMENT',
    })
    await expect(run.resize({ columns: 0, rows: 1 })).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
  })

  test('can be written to', async () => {
    const run = box.sh('read line; echo "got $line"', { tty: true, stdin: 'pipe' })
    const writer = run.stdin!.getWriter()
    await writer.write('typed\n')
    expect((await run).stdout).toContain('got typed')
  })
})

test('many at once are all right', async () => {
  const runs = Array.from({ length: 40 }, (_, index) =>
    box.exec(['sh', '-c', `echo ${index}; exit ${index % 3}`], { check: false }),
  )
  const results = await Promise.all(runs)
  expect(results.map(({ stdout }) => Number(stdout))).toEqual(runs.map((_, index) => index))
  expect(results.map(({ exitCode }) => exitCode)).toEqual(runs.map((_, index) => index % 3))
})

test('a command that runs once has a container of its own, which is gone afterwards', async () => {
  const { Container } = await import('../../../src/index.js')
  const run = Container.runOnce(host.image, ['sh', '-c', 'hostname; echo $X; cat'], {
    engine: host.engine,
    env: { X: 'y' },
    hostname: 'once',
    stdin: 'in',
  })
  expect((await run).stdout).toBe('once\ny\nin')
  expect((await Container.list({ engine: host.engine, all: true })).map(({ id }) => id)).toEqual([box.id])
  const failing = Container.runOnce(host.image, ['sh', '-c', 'exit 4'], { engine: host.engine })
  expect(await failure(failing)).toMatchObject({ code: 'ERR_EXEC_FAILED', result: { exitCode: 4 } })
  const nothing = Container.runOnce('no-such-image', ['true'], { engine: host.engine, pull: 'never' })
  expect(await failure(nothing)).toMatchObject({ code: 'ERR_IMAGE_NOT_FOUND' })
})
