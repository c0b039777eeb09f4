// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Container } from '../../../src/index.js'
import { slow } from '../../support/slow.js'
import { killsTrees, useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
let box: Container
beforeAll(async () => {
  box = await host.idle()
})
afterAll(() => box.remove({ force: true }))

const setsid = async () => ((await killsTrees(host.engine)) ? 'setsid' : '')
const commandLines = async () => (await box.sh('cat /proc/[0-9]*/cmdline | tr "\\0" " "')).stdout

test(
  '64 kB and an end at once, a thousand times',
  async () => {
    const argv = ['head', '-c', '65536', '/dev/zero']
    for (let round = 0; round < 125; round++) {
      const results = await Promise.all(Array.from({ length: 8 }, () => box.exec(argv, { encoding: 'bytes' })))
      for (const { stdout } of results) expect(stdout.byteLength).toBe(65_536)
    }
  },
  120_000 * slow,
)

test('more than a pipe holds, and both streams', async () => {
  const { stdout, stderr } = await box.sh('head -c 1500000 /dev/zero; head -c 700000 /dev/zero >&2')
  expect([stdout.length, stderr.length]).toEqual([1_500_000, 700_000])
})

test('a child that keeps the pipes open holds up nobody', async () => {
  const script = 'sleep 951 & echo done'
  expect((await box.sh(script)).stdout).toBe('done\n')
  expect(await commandLines()).not.toContain('sleep 951')
  // Meant to stay, it stays, and holds the pipe; the end of the command is its end all the same.
  expect((await box.sh('sleep 952 & echo done', { detached: true })).stdout).toBe('done\n')
  let seen = ''
  const unbuffered = box.sh('sleep 953 & echo done', { detached: true, buffer: false })
  for await (const chunk of unbuffered.stdout) seen += Buffer.from(chunk)
  await unbuffered
  expect(seen).toBe('done\n')
  const terminal = await box.sh('trap "" HUP; sleep 954 & echo done', { detached: true, tty: true })
  expect(terminal.stdout).toBe('done\r\n')
  expect(await commandLines()).toMatch(/sleep 952[\s\S]*sleep 953/)
})

test('one that floods the pipe after the end is cut off', async () => {
  const result = await box.sh('yes & sleep 0.05; echo end >&2', { detached: true, maxBuffer: '1g' })
  expect(result.stderr).toBe('end\n')
  // Its pipe has no reader any more.
  await expect.poll(commandLines).not.toMatch(/\byes\b/)
})

test('daemons are gone after the command', async () => {
  await box.sh(`${await setsid()} sh -c 'sleep 955 & sleep 956' >/dev/null 2>&1 & sleep 0.1`)
  expect(await commandLines()).not.toMatch(/sleep 95[56]/)
})

test('lines come as they are read, and the writer waits', async () => {
  const run = box.sh('i=0; while :; do i=$((i + 1)); echo $i; echo $i > /tmp/count; done', {
    buffer: false,
    check: false,
  })
  const seen: string[] = []
  for await (const line of run.stdout.lines()) {
    seen.push(line)
    if (seen.length === 3) break
  }
  expect(seen).toEqual(['1', '2', '3'])
  await run.kill('SIGKILL')
  await run
  const held = box.sh('yes 0123456789', { buffer: false, check: false })
  const reader = held.stdout.getReader()
  await reader.read()
  // Nobody reads on: after what the pipes and one buffer hold there is nothing more to do for it.
  const before = process.memoryUsage()
  await new Promise((resolve) => setTimeout(resolve, 500))
  const after = process.memoryUsage()
  expect(after.rss - before.rss).toBeLessThan(64 * 2 ** 20)
  await held.kill('SIGKILL')
  expect((await held).usage.cpuMs).toBeLessThan(400)
})

test('a loop that is left leaves the rest, and the writer waits for it', async () => {
  const run = box.sh('seq 1 300000; echo end >&2; exec sleep 997', { buffer: false, check: false })
  const numbers: number[] = []
  const take = async (count: number) => {
    for await (const line of run.stdout.lines()) if (numbers.push(Number(line)) === count) break
  }
  await take(3)
  await take(5)
  await new Promise((resolve) => setTimeout(resolve, 200))
  // seq holds on to what does not fit into the pipe.
  expect((await box.processes()).map(({ command }) => command)).toContain('seq 1 300000')
  await take(200_000)
  const rest: Buffer[] = []
  for await (const { stream, chunk } of run.output) {
    if (stream === 'stderr') break
    rest.push(Buffer.from(chunk))
  }
  numbers.push(...Buffer.concat(rest).toString().trim().split('\n').map(Number))
  expect(numbers).toEqual(Array.from({ length: 300_000 }, (_, i) => i + 1))
  await run.kill('SIGKILL')
  expect((await run).signal).toBe('SIGKILL')
})

test('a reader that cancels ends the writer', async () => {
  const run = box.exec(['yes'], { buffer: false, check: false })
  for await (const _ of run.stdout.lines()) break
  await run.stdout.cancel()
  expect((await run).signal).toBe('SIGPIPE')
})

test('a line without an end comes in pieces', async () => {
  const run = box.sh('tr "\\0" x < /dev/zero', { buffer: false, check: false })
  for await (const line of run.stdout.lines()) {
    expect(line.length).toBeGreaterThanOrEqual(2 ** 20)
    expect(line.length).toBeLessThan(2 ** 21)
    break
  }
  await run.kill('SIGKILL')
  await run
})
