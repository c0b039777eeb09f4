// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hostPlatform, parsePlatform } from '../../../src/oci/platform.js'
import { lacksEmulator } from '../../../src/runtime/emulators.js'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'binfmt-'))
})
afterAll(() => rm(directory, { recursive: true }))

// As the kernel shows what Debian's qemu-user-static registers.
const magics = {
  aarch64: '7f454c460201010000000000000000000200b700',
  s390x: '7f454c4602020100000000000000000000020016',
  riscv64: '7f454c460201010000000000000000000200f300',
} as const
const masks = {
  aarch64: 'ffffffffffffff00fffffffffffffffffeffffff',
  s390x: 'ffffffffffffff00fffffffffffffffffffeffff',
  riscv64: 'ffffffffffffff00fffffffffffffffffeffffff',
} as const

async function registered(
  name: keyof typeof magics,
  { flags = 'OCF', state = 'enabled', status = 'enabled' } = {},
): Promise<string> {
  const at = await mkdtemp(join(directory, 'registered-'))
  await mkdir(at, { recursive: true })
  await writeFile(join(at, 'status'), `${status}\n`)
  await writeFile(join(at, 'register'), '')
  const entry = `${state}\ninterpreter /usr/bin/qemu-${name}-static\nflags: ${flags}\noffset 0\nmagic ${magics[name]}\nmask ${masks[name]}\n`
  await writeFile(join(at, `qemu-${name}`), entry)
  await writeFile(join(at, 'python3'), 'enabled\ninterpreter /usr/bin/python3\nflags: \nextension .pyc\n')
  return at
}

test('this machine runs its own', async () => {
  expect(await lacksEmulator(hostPlatform(), '/nowhere')).toBeNull()
})

test.each([
  ['linux/s390x', 's390x'],
  ['linux/riscv64', 'riscv64'],
  ['linux/arm64/v8', 'aarch64'],
] as const)('%s runs where its emulator is registered', async (platform, name) => {
  expect(await lacksEmulator(parsePlatform(platform), await registered(name))).toBeNull()
})

test.each<[string, () => Promise<string>, string, RegExp]>([
  ['none is', async () => '/nowhere', 'linux/s390x', /programs for linux\/s390x cannot be run on this machine/],
  ['it is another one', () => registered('riscv64'), 'linux/s390x', /cannot be run/],
  ['it is disabled', () => registered('s390x', { state: 'disabled' }), 'linux/s390x', /cannot be run/],
  ['all are disabled', () => registered('s390x', { status: 'disabled' }), 'linux/s390x', /cannot be run/],
  [
    'it is looked for in the image',
    () => registered('s390x', { flags: 'P' }),
    'linux/s390x',
    /qemu-s390x-static.*flag F/,
  ],
  ['the system is another one', () => registered('aarch64'), 'windows/arm64', /windows\/arm64 cannot be run/],
  ['nobody knows the processor', () => registered('aarch64'), 'linux/pdp11', /cannot be run/],
])('others do not where %s', async (_why, where, platform, problem) => {
  const lack = await lacksEmulator(parsePlatform(platform), await where())
  expect(lack).toMatchObject({ problem: expect.stringMatching(problem), hint: expect.stringContaining('qemu-user') })
})

test('no emulator is for an architecture that nobody knows, whatever it is called', async () => {
  const at = await registered('s390x')
  for (const architecture of ['__proto__', 'constructor', 'tostring']) {
    expect(await lacksEmulator({ os: 'linux', architecture }, at)).not.toBeNull()
  }
})
