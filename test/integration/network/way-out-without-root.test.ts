// SPDX-License-Identifier: Apache-2.0
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { testNeeding } from '../../support/needs.js'
import { whoServer } from '../../support/network-peers.js'
import { scratchBase } from '../../support/test-engine.js'
import { type ElsewhereOptions, elsewhere } from './way-out.js'

let directory: string

// Each step is asked for by a line, and answered by one.
const program = `
import { createServer } from 'node:net'
import { mkdtempSync, readFileSync, readdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { Container, Engine, Image, Network } from 'tscontainer'

const root = mkdtempSync(process.cwd() + '/engine-')
let engine = await Engine.open({ root: root + '/root', runRoot: root + '/run' })
const image = await Image.host({ engine })
const listen = (port, host) => new Promise((done) => createServer((socket) => socket.end('the host')).listen(port, host, done))
await listen(7100, '0.0.0.0')
await listen(7200, '127.0.0.1')
const seen = async (box, host, port) => {
  const script = \`my $s = IO::Socket::IP->new(PeerHost => "\${host}", PeerPort => \${port}, Timeout => 2) or die; print <$s>\`
  const { stdout, exitCode } = await box.exec(['perl', '-MIO::Socket::IP', '-e', script], { check: false })
  return exitCode === 0 ? stdout.replace('::ffff:', '') : 'refused'
}
const depthOf = (status) => /^NSpid:(.*)/m.exec(status)[1].trim().split('\\t').length
const depth = depthOf(readFileSync('/proc/self/status', 'utf8'))
const carriers = () => readdirSync('/proc').filter((pid) => /^\\d+$/.test(pid)).flatMap((pid) => {
  try {
    const [name] = readFileSync('/proc/' + pid + '/cmdline', 'utf8').split('\\0')
    const status = readFileSync('/proc/' + pid + '/status', 'utf8')
    // In a pid namespace just below ours: those of tests that run beside these are further down.
    const ours = status.includes('Uid:\\t' + process.getuid()) && depthOf(status) === depth + 1
    return ours && /^(pasta|slirp4netns|tscontainer-outbound)/.test(name) ? [{ pid: Number(pid), name }] : []
  } catch { return [] }
})
const six = await Network.create({ engine, name: 'six', ipv6: true })
const inner = await Network.create({ engine, name: 'inner', internal: true })
const box = await Container.run(image, { engine, idle: true, name: 'box' })
const steps = {
  probe: async () => { const { outbound, lacks } = await engine.probe(); return { outbound, lacks } },
  outside: () => seen(box, '10.99.0.1', 7000),
  six: async () => { const other = await Container.run(image, { engine, idle: true, network: six }); return seen(other, 'fd99::1', 7000) },
  host: () => seen(box, 'host.containers.internal', 7100),
  loopback: async () => {
    const gateway = (await box.inspect()).networks[0].addresses[0].replace(/\\d+\\.\\d+$/, '0.1')
    return Promise.all(['host.containers.internal', '198.18.0.1', '198.18.0.2', gateway].map((host) => seen(box, host, 7200)))
  },
  internal: async () => { const other = await Container.run(image, { engine, idle: true, network: inner }); return seen(other, '10.99.0.1', 7000) },
  members: async () => { const other = await Container.run(image, { engine, idle: true }); return (await other.sh('getent hosts box')).exitCode },
  carriers,
  supervisor: async () => (await engine.info()).supervisorPid,
  lasting: async () => { await Container.run(image, { engine, idle: true, name: 'lasting', detached: true }); return true },
  reopen: async () => { await engine.close(); engine = await Engine.open({ root: root + '/root', runRoot: root + '/run' }); return true },
  outlasting: async () => seen(await Container.get('lasting', { engine }), '10.99.0.1', 7000),
  beside: async () => {
    const other = await Container.run(await Image.host({ engine }), { engine, idle: true, name: 'beside' })
    const lasting = await Container.get('lasting', { engine })
    const asked = [await other.sh('getent hosts lasting'), await lasting.sh('getent hosts beside')]
    return [...asked.map(({ exitCode }) => exitCode), await seen(other, '10.99.0.1', 7000)]
  },
  last: async () => { await (await Container.get('lasting', { engine })).remove({ force: true }); return true },
  close: async () => { await engine.close(); return true },
}
console.log('ready')
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await steps[line]()))
  if (line === 'close') break
}
process.exit()
`

const open = async (options: Partial<ElsewhereOptions> = {}) => {
  const run = await elsewhere(directory, program, { server: whoServer(7000), ...options })
  expect(await run.line()).toBe('ready')
  const ask = async (step: string) => {
    run.process.stdin?.write(`${step}\n`)
    return JSON.parse(await run.line())
  }
  return { ...run, ask }
}

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('without root', () => {
  beforeAll(async () => {
    directory = await mkdtemp(join(scratchBase(), 'tsc-way-out-'))
    await chmod(directory, 0o777)
  })
  afterAll(() => rm(directory, { recursive: true, force: true }))

  for (const [name, hidden] of [
    ['pasta', []],
    ['slirp4netns', ['pasta']],
  ] as const) {
    testNeeding('root')(`containers reach the outside by ${name}, and the host, but not its loopback`, async () => {
      const { ask, ended } = await open({ hidden })
      expect(await ask('probe')).toMatchObject({ outbound: name })
      expect(await ask('outside')).toBe('10.99.0.2')
      if (name === 'pasta') expect(await ask('six')).toBe('fd99::2')
      expect(await ask('host')).toBe('the host')
      expect(await ask('loopback')).toEqual(['refused', 'refused', 'refused', 'refused'])
      expect(await ask('internal')).toBe('refused')
      const carriers: readonly { readonly pid: number; readonly name: string }[] = await ask('carriers')
      expect(carriers.map((carrier) => carrier.name)).toContain(name)
      expect(await ask('close')).toBe(true)
      expect(carriers.filter(({ pid }) => alive(pid))).toEqual([])
      await ended()
    })
  }

  testNeeding('root')('whoever is killed, the way out is made anew, or goes with the engine', async () => {
    const { ask, ended } = await open()
    for (const victim of ['pasta', 'tscontainer-outbound']) {
      expect(await ask('outside')).toBe('10.99.0.2')
      const before: readonly { readonly pid: number; readonly name: string }[] = await ask('carriers')
      for (const { pid } of before.filter(({ name }) => name === victim)) process.kill(pid, 'SIGKILL')
      await expect.poll(() => before.filter(({ pid }) => alive(pid))).toEqual([])
      await expect.poll(() => ask('outside')).toBe('10.99.0.2')
    }
    const last: readonly { readonly pid: number }[] = await ask('carriers')
    process.kill(await ask('supervisor'), 'SIGKILL')
    await expect.poll(() => last.filter(({ pid }) => alive(pid))).toEqual([])
    expect(await ask('close')).toBe(true)
    await ended()
  })

  testNeeding('root')(
    'what a detached container has begun goes on without the engine, and the next one shares it',
    async () => {
      const { ask, ended } = await open()
      expect(await ask('lasting')).toBe(true)
      expect(await ask('outlasting')).toBe('10.99.0.2')
      const carriers: readonly { readonly pid: number; readonly name: string }[] = await ask('carriers')
      const supervisor = await ask('supervisor')
      // One that stands still is not ended by who leaves meanwhile, though it had begun it.
      const keeper = carriers.find(({ name }) => name === 'tscontainer-outbound')?.pid ?? 0
      process.kill(keeper, 'SIGSTOP')
      expect(await ask('reopen').finally(() => process.kill(keeper, 'SIGCONT'))).toBe(true)
      expect(await ask('supervisor')).not.toBe(supervisor)
      expect(await ask('outlasting')).toBe('10.99.0.2')
      expect(await ask('beside')).toEqual([0, 0, '10.99.0.2'])
      process.kill(await ask('supervisor'), 'SIGKILL')
      expect(await ask('reopen')).toBe(true)
      expect(await ask('beside')).toEqual([0, 0, '10.99.0.2'])
      // Its connections are in there.
      expect(await ask('carriers')).toEqual(carriers)
      expect(await ask('last')).toBe(true)
      expect(await ask('close')).toBe(true)
      // Whose child the keeper was has ended long ago: the machine's first process takes note of its end.
      await expect.poll(() => carriers.filter(({ pid }) => alive(pid))).toEqual([])
      await ended()
    },
  )

  testNeeding('root')(
    'where /dev/net/tun is closed containers reach each other, and the probe says what helps',
    async () => {
      const { ask, ended } = await open({ tun: '600' })
      const { outbound, lacks } = await ask('probe')
      expect(outbound).toBe('none')
      expect(lacks).toContainEqual({
        feature: 'outbound',
        fatal: false,
        problem: expect.stringContaining('EACCES'),
        fix: expect.stringContaining('chmod 0666 /dev/net/tun'),
      })
      expect(await ask('outside')).toBe('refused')
      expect(await ask('members')).toBe(0)
      expect(await ask('close')).toBe(true)
      await ended()
    },
  )
})
