// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Container, EngineError } from '../../../src/index.js'
import { testNeeding } from '../../support/needs.js'
import { useTestEngine } from '../../support/test-engine.js'

// Commands that come one after the other share what a lone one has for itself, its cgroup above all: none may tell.
const host = useTestEngine()
let box: Container
beforeAll(async () => {
  box = await host.idle()
})
afterAll(() => box.remove({ force: true }))

const burn = 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done'

test('each is charged for its own processor time', async () => {
  const busy = await box.sh(burn)
  expect(busy.usage.cpuMs).toBeGreaterThan(20)
  for (let round = 0; round < 3; round++)
    expect((await box.exec(['true'])).usage.cpuMs).toBeLessThan(busy.usage.cpuMs / 2)
})

test('one that was killed, or ran out of time, takes none of the next ones along', async () => {
  for (let round = 0; round < 3; round++) {
    const killed = box.exec(['sleep', '962'], { check: false })
    await killed.spawned()
    await killed.kill('SIGKILL')
    expect(await killed).toMatchObject({ signal: 'SIGKILL' })
    expect((await box.sh('sleep 0.02; echo on')).stdout).toBe('on\n')
    expect(await box.sh('sleep 962 & sleep 962', { timeoutMs: 50, check: false })).toMatchObject({ timedOut: true })
    expect((await box.sh('sleep 0.02; echo on')).stdout).toBe('on\n')
  }
})

test('what one leaves running ends with it, and not with the next', async () => {
  for (let round = 0; round < 5; round++) {
    await box.sh('sleep 963 >/dev/null 2>&1 &')
    const left = await box.sh('cat /proc/[0-9]*/cmdline | tr "\\0" " "')
    expect(left.stdout).not.toContain('sleep 963')
  }
})

test('want of memory of one with a limit is not put down to others', async () => {
  await box.exec(['true'])
  try {
    const greedy = ['perl', '-e', 'my $x = "x" x (200 * 1024 * 1024)']
    expect(await box.exec(greedy, { limits: { memory: '48MiB' }, check: false })).toMatchObject({ oomKilled: true })
  } catch (error) {
    if (!EngineError.is(error, 'ERR_LIMIT_UNSUPPORTED')) throw error
  }
  for (let round = 0; round < 2; round++) {
    const killed = box.exec(['sleep', '964'], { check: false })
    await killed.spawned()
    await killed.kill('SIGKILL')
    expect(await killed).toMatchObject({ signal: 'SIGKILL', oomKilled: false })
  }
})

testNeeding('root')('who may write there kills itself, and not the next', async () => {
  const powerful = await host.idle({ privileged: true, userns: 'host' })
  const kill = 'for kill in $(find /sys/fs/cgroup -path "*exec-*/cgroup.kill"); do echo 1 > $kill; done; sleep 0.2'
  for (let round = 0; round < 3; round++) {
    await powerful.sh(kill, { check: false })
    expect((await powerful.sh('sleep 0.02; echo on')).stdout).toBe('on\n')
  }
  await powerful.remove({ force: true })
})

test('those at one time have one cgroup each, where there are any', async () => {
  const scripts = Array.from({ length: 4 }, () => box.sh('grep "^0::" /proc/self/cgroup; sleep 0.2', { check: false }))
  const places = (await Promise.all(scripts)).map(({ stdout }) => stdout.trim()).filter((place) => /exec-/.test(place))
  expect(new Set(places).size).toBe(places.length)
})

test('the news of a beginning comes before that of the end, for commands of any length', async () => {
  const other = await host.idle()
  const told: string[] = []
  host.engine.on('exec', ({ exitCode }) => told.push(exitCode === null ? 'begins' : `ends with ${exitCode}`))
  host.engine.on('stopped', () => told.push('stopped'))
  await other.exec(['true'])
  await other.exec(['sleep', '0.02'])
  const last = other.exec(['sleep', '965'], { check: false })
  expect((await last.spawned()).pid).toBeGreaterThan(0)
  await other.stop({ timeoutMs: 0 })
  await last
  await expect.poll(() => told.length).toBe(7)
  expect(told.slice(0, 5)).toEqual(['begins', 'ends with 0', 'begins', 'ends with 0', 'begins'])
  expect(told.slice(5).sort()).toEqual(['ends with 137', 'stopped'])
  await other.remove()
})

test('a short one says which process it was, too', async () => {
  const short = box.exec(['true'])
  const [{ pid }] = await Promise.all([short.spawned(), short])
  expect(pid).toBeGreaterThan(0)
})
