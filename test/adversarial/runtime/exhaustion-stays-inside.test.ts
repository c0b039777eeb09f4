// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type FSWatcher, watch } from 'node:fs'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Container, EngineError } from '../../../src/index.js'
import { testNeeding } from '../../support/needs.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
const inBox = async (act: (box: Container) => Promise<void>): Promise<void> => {
  const box = await host.idle()
  try {
    await act(box)
  } finally {
    await box.remove({ force: true })
  }
}

test('who takes every descriptor and every watch of the kernel leaves others theirs', async () => {
  const inotifyInit = process.arch === 'arm64' ? 26 : 294
  const take = `$| = 1; my @held; while (@held < 4000) { open(my $f, "<", "/dev/null") or last; push @held, $f }
    for (1 .. 20) { my $pid = fork; next if $pid; for (1 .. 500) { last if syscall(${inotifyInit}, 0) < 0 } print "taken\\n"; sleep 1000 }
    sleep 1000`
  await inBox(async (box) => {
    const greedy = box.exec(['perl', '-e', take], { check: false })
    let taken = 0
    for await (const line of greedy.stdout.lines()) if (line === 'taken' && ++taken === 20) break
    const watchers: FSWatcher[] = []
    expect(() => watchers.push(watch(host.directory))).not.toThrow()
    for (const watcher of watchers) watcher.close()
    await inBox(async (other) => expect((await other.exec(['echo', 'alive'])).stdout).toBe('alive\n'))
    await greedy.kill('SIGKILL')
    await greedy
  })
})

test('a line without an end fills neither the disk nor the supervisor', async () => {
  const box = await host.run({
    command: ['sh', '-c', 'head -c 100000000 /dev/zero | tr "\\0" x'],
    logs: { maxSize: '1m' },
  })
  await box.wait()
  const directory = join(host.root, 'containers', box.id)
  const logs = (await readdir(directory)).filter((name) => name.startsWith('log'))
  let bytes = 0
  for (const name of logs) bytes += (await stat(join(directory, name))).size
  expect(bytes).toBeLessThan(4_000_000)
  await box.remove({ force: true })
  expect((await host.engine.info()).containers).toBeDefined()
})

test('commands on terminals that cannot start, by the dozen, leave no terminal behind', async () => {
  const terminals = async () => Number(await readFile('/proc/sys/kernel/pty/nr', 'utf8'))
  await inBox(async (box) => {
    const before = await terminals()
    const tty = { columns: 80, rows: 24 }
    const storm = Array.from({ length: 60 }, () => box.exec(['/no/such'], { tty }).catch((error: unknown) => error))
    for (const error of await Promise.all(storm)) expect(EngineError.is(error, 'ERR_EXEC_SPAWN')).toBe(true)
    expect((await box.exec(['tty'], { tty })).stdout).toMatch(/^\/dev\/pts\/\d+\s*$/)
    await expect.poll(terminals).toBeLessThanOrEqual(before)
  })
})

test('who is stopped, or deaf to every signal, still ends', async () => {
  const script = 'trap "" TERM INT HUP QUIT; echo ready; kill -STOP $$; while :; do sleep 1; done'
  const box = await host.run({ command: ['sh', '-c', script] })
  for await (const { line } of box.logs({ follow: true })) if (line === 'ready') break
  expect(await box.stop({ timeoutMs: 100 })).toMatchObject({ signal: 'SIGKILL' })
  await box.remove()
})

const numberOf = async (commandLine: string): Promise<number> => {
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    if ((await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')) === commandLine) return Number(name)
  }
  throw new Error('no such process')
}

// The number of a process that has ended becomes another's: what is signalled is a descriptor, not a number.
testNeeding('a machine of its own', 'ns_last_pid')(
  'a signal to a command that has ended reaches nobody who has its number now',
  async () => {
    await inBox(async (box) => {
      const command = box.exec(['sleep', '98765'], { check: false })
      await command.spawned()
      const number = await numberOf('sleep\0' + '98765\0')
      await command.kill('SIGKILL')
      await command
      for (let tries = 0; tries < 50; tries++) {
        await writeFile('/proc/sys/kernel/ns_last_pid', String(number - 1))
        const stranger = spawn('sleep', ['1000'])
        const isHim = stranger.pid === number
        if (isHim) await command.kill('SIGKILL').catch(() => {})
        expect(stranger.signalCode).toBe(null)
        stranger.kill('SIGTERM')
        const [, signal] = await once(stranger, 'exit')
        expect(signal).toBe('SIGTERM')
        if (isHim) return
      }
      throw new Error('the number was not given out again')
    })
  },
)
