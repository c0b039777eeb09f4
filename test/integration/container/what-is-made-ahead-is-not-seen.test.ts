// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { ContainerOptions } from '../../../src/index.js'
import { testNeeding } from '../../support/needs.js'
import { useTestEngine } from '../../support/test-engine.js'

const run = promisify(execFile)
const engine = useTestEngine()

/** Every mount of /proc, /dev and /sys: place, options, type and those of the file system. What is only of this one container is left out. */
const mountsOf = (mountinfo: string): readonly string[] =>
  mountinfo
    .trim()
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, , , , place = '']) => /^\/(proc|dev|sys)(\/|$)/.test(place))
    .map((fields) => {
      const [type, , options] = fields.slice(fields.indexOf('-') + 1)
      return [fields[4], fields[5], type, options].join(' ')
    })
    .sort()

const look = 'cat /proc/self/mountinfo; echo; ls -l /dev | sed "s/^total.*//"; head -c 1 /proc/keys 2>/dev/null | wc -c'

const seen = async (options: ContainerOptions) => {
  const box = await engine.idle(options)
  const { stdout } = await box.exec(['sh', '-c', look])
  const [mountinfo = '', rest = ''] = stdout.split('\n\n')
  await box.remove({ force: true })
  const devices = rest
    .split('\n')
    .map((line) => line.replace(/ \w{3} +\d+ \d\d:\d\d /, ' '))
    .filter((line) => !/ (core|console)/.test(line))
    .sort()
  return { mounts: mountsOf(mountinfo), devices }
}

const kinds: Readonly<Record<string, ContainerOptions>> = {
  usual: {},
  privileged: { privileged: true },
  'small shared memory': { shmSize: '1MiB' },
  'a tmpfs in /dev': { mounts: [{ type: 'tmpfs', target: '/dev/scratch', size: '64KiB' }] },
}

describe('a container', () => {
  // One that shares a namespace with the host is made of a child of its own: by that the others are measured.
  test('has the same of the kernel, whether it was made ahead for one like it, for another kind, or not at all', async () => {
    const own = new Map<string, Awaited<ReturnType<typeof seen>>>()
    for (const [name, options] of Object.entries(kinds)) own.set(name, await seen({ ...options, uts: 'host' }))
    const order = ['usual', 'usual', 'usual', 'privileged', 'privileged', 'privileged', 'small shared memory', 'usual']
    for (const name of [...order, 'a tmpfs in /dev', 'a tmpfs in /dev', 'privileged', 'small shared memory'])
      expect(await seen(kinds[name] ?? {}), name).toEqual(own.get(name))
    expect(own.get('usual')?.mounts.join('\n')).toContain('/proc/keys')
    expect(own.get('privileged')?.mounts.join('\n')).not.toContain('/proc/keys')
  }, 60_000)

  test('may use the processors, and the slices of time, that its caller may', async () => {
    const box = await engine.idle({ privileged: true })
    const read = async (file: string) => (await box.exec(['cat', `/proc/1/${file}`])).stdout
    const processors = (status: string) => /Cpus_allowed_list:.*/.exec(status)?.[0]
    const slice = (sched: string) => /^se\.slice *: *(\d+)/m.exec(sched)?.[1]
    expect(processors(await read('status'))).toBe(processors(readFileSync('/proc/self/status', 'utf8')))
    expect(slice(await read('sched'))).toBe(slice(readFileSync('/proc/self/sched', 'utf8')))
    await box.remove({ force: true })
  })
})

// An init that was there before its container, or one that became what it is.
describe.each([
  ['of a parked child', {}],
  ['of a child of its own', { uts: 'host' }],
] as const)('the first process %s', (_, options) => {
  test('ends as soon as it is asked to, however young it is', async () => {
    for (let round = 0; round < 12; round++) {
      const box = await engine.idle(options)
      expect(await box.stop({ timeoutMs: 20_000 })).toMatchObject({ code: 0, signal: null })
      await box.remove()
    }
  }, 60_000)

  test('tells how the program ended', async () => {
    for (const code of [0, 1, 125]) {
      const exit = await (await engine.run({ ...options, command: ['sh', '-c', `exit ${code}`] })).wait()
      expect(exit.code).toBe(code)
    }
    const killed = await (await engine.run({ ...options, command: ['sh', '-c', 'kill -KILL $$'] })).wait()
    expect([killed.code, killed.signal]).toEqual([137, 'SIGKILL'])
  })

  testNeeding('root')('has the root directory of its container', async () => {
    const box = await engine.run({ ...options, command: ['sh', '-c', 'echo here > /place; exec sleep 1000'] })
    await expect.poll(() => existsSync(`/proc/${box.pid}/root/place`)).toBe(true)
    expect(await readlink(`/proc/${box.pid}/cwd`)).toBe('/')
    await box.remove({ force: true })
  })

  testNeeding('subordinate ids')('shares nothing with the program that would take set-user-ID from it', async () => {
    const script =
      'cp /usr/bin/id /tmp/id; chmod 4755 /tmp/id; exec setpriv --reuid 1 --regid 1 --clear-groups /tmp/id -u'
    const box = await engine.run({ ...options, noNewPrivileges: false, command: ['sh', '-c', script] })
    await box.wait()
    const lines = []
    for await (const { line } of box.logs()) lines.push(line)
    expect(lines).toEqual(['0'])
  })
})

testNeeding('root')('what the caller had bound can be unmounted as soon as the container has ended', async () => {
  const disk = join(engine.directory, 'disk')
  await mkdir(disk)
  await run('mount', ['-t', 'tmpfs', 'disk', disk])
  const box = await engine.run({ command: ['true'], mounts: [{ type: 'bind', source: disk, target: '/mnt' }] })
  await box.wait()
  await run('umount', [disk])
  await box.remove()
})
