// SPDX-License-Identifier: Apache-2.0
import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Container } from '../../../src/index.js'
import { runProgram } from '../../support/program.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
let box: Container
beforeAll(async () => {
  box = await host.idle()
})
afterAll(() => box.remove({ force: true }))

test('a file handle or a descriptor is read by the command itself', async () => {
  const path = join(host.directory, 'input')
  await writeFile(path, 'one\ntwo\nthree\n')
  const file = await open(path)
  expect((await box.exec(['head', '-c', '4'], { stdin: file })).stdout).toBe('one\n')
  // The open file is shared: the next one goes on where the first left it.
  expect((await box.exec(['cat'], { stdin: file.fd })).stdout).toBe('two\nthree\n')
  await file.close()
})

test('both directions go straight through descriptors', async () => {
  const [from, to] = await Promise.all([open('/dev/zero'), open(join(host.directory, 'zeros'), 'w')])
  await box.exec(['head', '-c', '3000000'], { stdin: from, stdout: to })
  expect((await to.stat()).size).toBe(3_000_000)
  await Promise.all([from.close(), to.close()])
})

test('our own input is inherited', async () => {
  const program = await runProgram(
    host.directory,
    'inherits',
    `import { Container, Engine } from 'tscontainer'
     const engine = await Engine.open({ root: '${host.root}', runRoot: '${host.runRoot}' })
     const box = await Container.get('${box.id}', { engine })
     await box.exec(['sh', '-c', 'cat; echo read; echo err >&2'], { stdin: 'inherit', stdout: 'inherit', stderr: 'inherit' })
     await engine.close()`,
  )
  expect(await program.ended()).toMatchObject({ code: 0, output: 'read\n', errors: 'err\n' })
  expect(() => box.exec(['cat'], { stdin: 'inherit', tty: true })).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', option: 'stdin' }),
  )
})

test('writing to a command that reads no more fails that write, and nothing else', async () => {
  const run = box.sh('exec 0<&-; echo closed; sleep 0.2', { stdin: 'pipe' })
  const writer = run.stdin!.getWriter()
  await expect(
    (async () => {
      for (;;) await writer.write('x'.repeat(65_536))
    })(),
  ).rejects.toMatchObject({ code: expect.stringMatching(/EPIPE|ERR_STREAM_DESTROYED|ERR_INVALID_STATE/) })
  expect(await run).toMatchObject({ exitCode: 0, stdout: 'closed\n' })
})

test('a stream that throws in the middle ends the command, and the promise has its error', async () => {
  const broken = async function* () {
    yield 'half'
    await new Promise((resolve) => setTimeout(resolve, 20))
    throw new Error('the source broke')
  }
  await expect(box.exec(['cat'], { stdin: Readable.from(broken()) })).rejects.toThrow('the source broke')
  const web = new ReadableStream<string>({
    start: (controller) => controller.enqueue('half'),
    pull: (controller) => controller.error(new Error('the web broke')),
  })
  await expect(box.exec(['cat'], { stdin: web, check: false })).rejects.toThrow('the web broke')
  await expect(box.exec(['cat'], { stdin: Readable.from(broken()), tty: true })).rejects.toThrow('the source broke')
})

test('a stream that goes on after the end of the command is let go', async () => {
  const endless = new Readable({ read: () => {} })
  endless.push('first')
  expect((await box.exec(['head', '-c', '5'], { stdin: endless })).stdout).toBe('first')
  await expect.poll(() => endless.destroyed).toBe(true)
})

test('a terminal gets a text, a stream, and their end', async () => {
  expect((await box.exec(['cat'], { tty: true, stdin: 'a\n' })).stdout.replaceAll('\r', '')).toBe('a\na\n')
  expect((await box.exec(['cat'], { tty: true, stdin: 'no newline' })).stdout).toBe('no newlineno newline')
  const source = Readable.from(['b', '\n'])
  expect((await box.exec(['cat'], { tty: true, stdin: source })).stdout.replaceAll('\r', '')).toBe('b\nb\n')
  const run = box.exec(['cat'], { tty: true, stdin: 'pipe', buffer: false })
  const writer = run.stdin!.getWriter()
  await writer.write('c\n')
  await writer.close()
  let seen = ''
  for await (const chunk of run.stdout) seen += Buffer.from(chunk)
  expect(seen.replaceAll('\r', '')).toBe('c\nc\n')
  await run
})

test('a command may let go of its terminal before it ends, and come back to it', async () => {
  const gone = 'exec 0<&- 1>&- 2>&-; sleep 0.1'
  expect((await box.sh(`${gone}; exit 7`, { tty: true, check: false })).exitCode).toBe(7)
  const back = await box.sh(`echo first; ${gone}; echo second > /dev/tty; sleep 0.1; echo third > /dev/tty`, {
    tty: true,
  })
  expect(back.stdout).toBe('first\r\nsecond\r\nthird\r\n')
})

test('a terminal is neither read from nor written to a descriptor', () => {
  const refuse = (options: object, option: string) =>
    expect(() => box.exec(['true'], { tty: true, ...options })).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', option }),
    )
  refuse({ stdin: 0 }, 'stdin')
  refuse({ stdout: 1 }, 'stdout')
  refuse({ stderr: 'ignore' }, 'stderr')
  refuse({ detachKeys: 'alt-x' }, 'detachKeys')
})
