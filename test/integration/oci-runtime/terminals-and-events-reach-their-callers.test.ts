// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { testNeeding } from '../../support/needs.js'
import { call, openRuntimeBench, type RuntimeBench, runtimeCommand } from '../../support/oci-runtime.js'

const testAsRoot = testNeeding('root')

// What an engine does: it takes the terminal out of one message, types, and reads until the last program has closed it.
const keeper = `
import os, socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
name, (terminal,), _, _ = socket.recv_fds(listener.accept()[0], 64, 1)
os.write(terminal, b'typed\\n')
print(name.decode(), os.isatty(terminal))
try:
    while text := os.read(terminal, 4096): print(text.decode(), end='')
except OSError: pass
`

describe('tscontainer-runtime', () => {
  let bench: RuntimeBench
  beforeAll(async () => {
    if (process.getuid?.() === 0) bench = await openRuntimeBench()
  })
  afterAll(() => bench?.end())

  const keepTerminal = async (name: string) => {
    const socket = join(bench.directory, name)
    const output = call('python3', ['-c', keeper, socket])
    await expect.poll(() => existsSync(socket), { timeout: 10_000 }).toBe(true)
    return { socket, output }
  }
  const script = 'tty; read words; echo "read $words"'
  const seen = expect.stringMatching(/^\/dev\/ptmx True\n(typed\r\n)?\/dev\/pts\/\d+\r\n(typed\r\n)?read typed\r\n$/)

  testAsRoot('the terminal of a container, and that of a command in it, go over the console socket', async () => {
    const own = await keepTerminal('own')
    const bundle = await bench.bundle('terminal', `${script}; exec sleep 100 </dev/null >/dev/null 2>&1`, (config) => {
      config.process.terminal = true
    })
    const create = await bench.create('create', bundle, 'terminal', '--console-socket', own.socket)
    expect(create).toMatchObject({ status: 0, stderr: '' })
    expect((await bench.runtime('start', 'terminal')).status).toBe(0)
    const command = await keepTerminal('command')
    const words = ['--tty', '--detach', '--console-socket', command.socket, 'terminal', 'sh', '-c', script]
    expect(await bench.runtime('exec', ...words)).toMatchObject({ status: 0, stderr: '' })
    expect((await command.output).stdout).toEqual(seen)
    expect((await bench.runtime('delete', '--force', 'terminal')).status).toBe(0)
    expect((await own.output).stdout).toEqual(seen)
  })

  testAsRoot('a terminal that nobody would have is refused, as is a console socket without one', async () => {
    const bundle = await bench.bundle('nobody', 'true', (config) => {
      config.process.terminal = true
    })
    expect(await bench.create('create', bundle, 'nobody')).toMatchObject({ status: 1 })
    expect(await bench.create('create', bundle, 'nobody', '--console-socket', join(bundle, 'none'))).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('console socket'),
    })
    expect((await bench.runtime('list', '--quiet')).stdout).toBe('')
  })

  testAsRoot('run --keep leaves what has ended to be looked at', async () => {
    const bundle = await bench.bundle('kept', 'exit 4')
    expect(await bench.runtime('run', '--keep', '--bundle', bundle, 'kept')).toMatchObject({ status: 4 })
    expect(await bench.state('kept')).toMatchObject({ status: 'stopped' })
    expect((await bench.runtime('delete', 'kept')).status).toBe(0)
    expect((await bench.runtime('list', '--quiet')).stdout).toBe('')
  })

  testAsRoot('events tells of statistics and of who died for want of memory, until the end', async () => {
    const bundle = await bench.bundle('watched', 'exec sleep 100', (config) => {
      config.linux.resources = { memory: { limit: 16 * 2 ** 20 } }
    })
    expect((await bench.create('run', bundle, 'watched', '--detach')).stderr).toBe('')
    const log = join(bundle, 'events')
    const words = ['--root', join(bench.directory, 'state'), 'events', '--interval', '100ms', 'watched']
    const events = call('sh', ['-c', 'exec "$@" >"$0"', log, runtimeCommand, ...words])
    const toldSoFar = async () => (existsSync(log) ? await readFile(log, 'utf8') : '')
    await expect.poll(toldSoFar, { timeout: 10_000 }).toContain('stats')
    const hog = await bench.runtime('exec', 'watched', 'dd', 'if=/dev/zero', 'of=/dev/null', 'bs=64M', 'count=1')
    expect(hog.status).toBe(137)
    await expect.poll(toldSoFar, { timeout: 10_000 }).toContain('oom')
    expect((await bench.runtime('delete', '--force', 'watched')).status).toBe(0)
    expect((await events).status).toBe(0)
    const told = (await toldSoFar())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; id: string; data?: { memory: { usage: { limit: number } } } })
    expect(new Set(told.map(({ type, id }) => `${type} of ${id}`))).toEqual(
      new Set(['stats of watched', 'oom of watched']),
    )
    expect(told.find(({ type }) => type === 'stats')?.data?.memory.usage.limit).toBe(16 * 2 ** 20)
  })
})
