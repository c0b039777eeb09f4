// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import type { Container, ContainerOptions } from '../../../src/index.js'
import { compileAttack } from '../../support/attack-program.js'
import { has, testNeeding } from '../../support/needs.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
let program: string
beforeAll(async () => {
  program = await compileAttack(host.directory, 'reach_engine')
})
const supervisor = fileURLToPath(new URL('../../../build/Release/tscontainer-supervisor', import.meta.url))
const digest = async () =>
  createHash('sha256')
    .update(await readFile(supervisor))
    .digest('hex')

// The host's own CAP_SYS_PTRACE opens every process that is in sight; in a user namespace it opens none from outside of it.
const tracing = { capabilities: { add: ['SYS_PTRACE'] } } as const
const kinds: readonly ContainerOptions[] = has('root') ? [tracing, { userns: 'host' }] : [tracing]
// Where that is allowed, a moment remains in which a process that joins can be traced with CAP_SYS_PTRACE. Without it, no more than its equals.
const equals: readonly ContainerOptions[] = [{}, { user: '1000:1000' }, { userns: 'host' }]
const dumpable = '/proc/sys/fs/suid_dumpable'

/** How many of the engine's processes came by while an attack lay in wait, which could do nothing to them. */
const ambush = async (box: Container): Promise<number> => {
  const attack = box.exec(['/opt/attack'])
  const said: string[] = []
  const reading = (async () => {
    for await (const line of attack.stdout.lines()) said.push(line)
  })()
  await expect.poll(() => said).toContain('ready')
  for (let round = 0; round < 40; round++) {
    await box.exec(['true'])
    // Its own executable is the engine's, until it is another.
    if (round % 8 === 0) await box.exec(['/proc/self/exe'], { check: false, timeoutMs: 2000 })
  }
  await attack.kill('SIGTERM')
  await attack
  await reading
  expect(said.filter((line) => line !== 'ready' && !line.startsWith('seen'))).toEqual([])
  return Number(said.at(-1)?.split(' ')[1])
}

const outOfReach = async (options: ContainerOptions): Promise<void> => {
  const before = await digest()
  const mounts = [{ type: 'bind', source: program, target: '/opt/attack', readonly: true }] as const
  const box = await host.idle({ mounts, ...options })
  try {
    // On a busy machine it may not get a look at any.
    let seen = 0
    for (let tries = 0; tries < 20 && seen === 0; tries++) seen = await ambush(box)
    expect(seen).toBeGreaterThan(0)
  } finally {
    await box.remove({ force: true })
  }
  expect(await digest()).toBe(before)
  const { stdout } = await host.idle().then(async (other) => {
    const result = await other.exec(['echo', 'alive'])
    await other.remove({ force: true })
    return result
  })
  expect(stdout).toBe('alive\n')
}

// CVE-2019-5736: the executable of a process that joins; CVE-2016-9962: the process itself, before it is the program.
test.each(kinds)('the engine’s processes inside are neither written, nor traced, nor looked into: %o', outOfReach)

testNeeding('a machine of its own')(
  'nor where the kernel lets processes be traced that have changed their ids',
  async () => {
    const before = await readFile(dumpable, 'utf8')
    await writeFile(dumpable, '1')
    try {
      for (const options of equals) await outOfReach(options)
    } finally {
      await writeFile(dumpable, before)
    }
  },
)

// CVE-2020-15257: whoever shares the host's network could connect to it, whatever its mounts are.
test('no socket of the engine has a name that a network namespace shares', async () => {
  const box = await host.idle({ network: 'host', detached: true })
  const control = createServer().listen('\0tsc-control')
  await once(control, 'listening')
  try {
    const names = [await readFile('/proc/net/unix', 'utf8'), (await box.exec(['cat', '/proc/net/unix'])).stdout]
    for (const text of names) {
      const abstract = text.split('\n').filter((line) => / @/.test(line) && !line.includes(' @tsc-control@'))
      expect(abstract.filter((line) => /tsc|supervisor|monitor/.test(line))).toEqual([])
    }
    // That is how it looks to have one, seen from inside too.
    for (const text of names) expect(text).toContain(' @tsc-control@')
  } finally {
    control.close()
    await box.remove({ force: true })
  }
})
