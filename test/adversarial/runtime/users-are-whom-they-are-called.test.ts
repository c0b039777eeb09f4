// SPDX-License-Identifier: Apache-2.0
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { type Container, EngineError } from '../../../src/index.js'
import { testNeeding } from '../../support/needs.js'
import { slow } from '../../support/slow.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
let canary: string
beforeAll(async () => {
  canary = join(host.directory, 'canary')
  await writeFile(canary, 'victim:x:0:0::/:/bin/sh\n')
})
const inBox = async (accounts: string, act: (box: Container) => Promise<void>): Promise<void> => {
  const box = await host.idle()
  try {
    await box.sh(accounts)
    await act(box)
  } finally {
    await box.remove({ force: true })
  }
}
const ids = async (box: Container, user: string | number): Promise<string> =>
  (await box.exec(['sh', '-c', 'id -u; id -G'], { user })).stdout.trim().replace('\n', ': ')
const refusal = async (act: () => PromiseLike<unknown>): Promise<EngineError> => {
  let error: unknown = new Error('was accepted')
  try {
    await act()
  } catch (reason) {
    error = reason
  }
  if (!EngineError.is(error)) throw error
  return error
}

test('a user that is none is refused, of a container and of a command', async () => {
  const none = [
    '4294967296',
    '4294967295',
    '-1',
    '1000:',
    '+0',
    '0x0',
    ':',
    '9'.repeat(30),
    'a\nb',
    '0:-1',
    '0:4294967296',
  ]
  await inBox('true', async (box) => {
    for (const user of none) {
      expect((await refusal(() => host.create({ command: ['true'], user }))).code, user).toMatch(/ARGUMENT|USER/)
      expect((await refusal(() => box.exec(['true'], { user }))).code, user).toMatch(/ARGUMENT|USER/)
    }
  })
})

test('an image that names a user or a group by a number makes nobody root', async () => {
  const accounts = `printf '0:x:7:7::/:/bin/sh\\n4294967296:x:0:0::/:/bin/sh\\n1:x:0:0::/:/bin/sh\\n' >/etc/passwd
    printf '1:x:0:\\n2:x:0:\\n' >/etc/group`
  await inBox(accounts, async (box) => {
    expect(await ids(box, 0)).toBe('0: 0')
    expect((await refusal(() => box.exec(['true'], { user: '4294967296' }))).code).toMatch(/ARGUMENT|USER/)
  })
})

testNeeding('subordinate ids')(
  'a user whose name is 1000 is not who 1000 is, and its groups are not theirs',
  async () => {
    const accounts = `printf '1000:x:0:0::/:/bin/sh\\nother:x:1000:1001::/:/bin/sh\\n' >/etc/passwd
    printf '1000:x:0:\\n1003:x:0:\\nextra:x:1002:other\\nroot:x:0:1000\\n' >/etc/group`
    await inBox(accounts, async (box) => {
      expect(await ids(box, 1000)).toBe('1000: 1001 1002')
      expect(await ids(box, '1000:1003')).toBe('1000: 1003')
    })
  },
)

testNeeding('subordinate ids')('the groups are those of the account, exactly', async () => {
  const accounts = `printf 'app:x:1000:1000::/:/bin/sh\\n' >/etc/passwd
    printf 'one:x:11:app\\ntwo:x:12:other,app,app\\nthree:x:13:apple\\nfour:x:14:\\nfive:x:x:app\\n' >/etc/group`
  await inBox(accounts, async (box) => {
    expect(await ids(box, 'app')).toBe('1000: 1000 11 12')
    expect(await ids(box, 'app:13')).toBe('1000: 13')
    expect(await ids(box, 1234)).toBe('1234: 0')
  })
})

test('account files that are a FIFO, a device, a link, or endless, hold nobody up and name nobody', async () => {
  const kinds = [
    'mkfifo',
    'ln -s /dev/zero',
    'mkdir',
    'truncate -s 1G',
    `ln -s ${canary}`,
    'ln -s /proc/1/root/etc/passwd',
  ]
  for (const kind of kinds) {
    await inBox(`rm -f /etc/passwd /etc/group; ${kind} /etc/passwd; ${kind} /etc/group`, async (box) => {
      const begun = performance.now()
      expect((await refusal(() => box.exec(['true'], { user: 'victim' }))).code, kind).toBe('ERR_USER_NOT_FOUND')
      expect(await ids(box, '0:0'), kind).toBe('0: 0')
      expect(performance.now() - begun).toBeLessThan(2000 * slow)
    })
  }
})
