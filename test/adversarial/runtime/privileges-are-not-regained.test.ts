// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import type { Container, ContainerOptions } from '../../../src/index.js'
import { testNeeding } from '../../support/needs.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
const look = 'awk \'/^Cap/ {printf "%s%s ", $1, $2} END {print ""}\' /proc/self/status'
const sets = (text: string): Readonly<Record<string, bigint>> =>
  Object.fromEntries([...text.matchAll(/(Cap\w+):([0-9a-f]+)/g)].map(([, name, bits]) => [name, BigInt(`0x${bits}`)]))
const logOf = async (box: Container): Promise<string> => {
  await box.wait()
  const lines = []
  for await (const { line } of box.logs()) lines.push(line)
  return lines.join('\n')
}
const seen = async (options: ContainerOptions): Promise<readonly Readonly<Record<string, bigint>>[]> => {
  const main = await host.run({ ...options, command: ['sh', '-c', look] })
  const box = await host.idle(options)
  try {
    return [sets(await logOf(main)), sets((await box.sh(look)).stdout)]
  } finally {
    await main.remove({ force: true })
    await box.remove({ force: true })
  }
}
// CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP NET_BIND_SERVICE SYS_CHROOT SETFCAP, by linux/capability.h.
const defaults = [0, 1, 3, 4, 5, 6, 7, 8, 10, 18, 31].reduce((sum, bit) => sum | (1n << BigInt(bit)), 0n)
const netAdmin = 1n << 12n

// CVE-2022-24769 and CVE-2022-29162: what is inheritable comes back by files that have it.
test('nothing is inheritable or ambient, of a command and of one that joins', async () => {
  for (const found of await seen({ capabilities: { add: ['NET_ADMIN'] } })) {
    expect([found.CapInh, found.CapAmb]).toEqual([0n, 0n])
    expect((found.CapBnd ?? 0n) & netAdmin).toBe(netAdmin)
  }
  for (const found of await seen({})) expect(found.CapBnd).toBe(defaults)
})

// CVE-2016-8867: capabilities that were added were effective for any user.
testNeeding('subordinate ids')('a user who is not root has no capability, whatever was added', async () => {
  for (const found of await seen({ user: 'nobody', capabilities: { add: ['NET_ADMIN'] } }))
    expect([found.CapEff, found.CapPrm, found.CapInh, found.CapAmb]).toEqual([0n, 0n, 0n, 0n])
})

testNeeding('subordinate ids')(
  'set-user-ID and file capabilities give nothing, unless new privileges are allowed',
  async () => {
    // security.capability of revision 2: CAP_SYS_CHROOT, effective.
    const attribute = '0x0100000200000400000000000000000000000000'
    const script = `cp /usr/bin/id /tmp/id; chmod 4755 /tmp/id; cp /usr/bin/mawk /tmp/look || cp /usr/bin/gawk /tmp/look
    setfattr -n security.capability -v ${attribute} /tmp/look`
    const asNobody = async (options: ContainerOptions) => {
      const box = await host.idle(options)
      try {
        await box.sh(script)
        const file = '/^CapEff/ {print $2}'
        const id = await box.exec(['/tmp/id', '-u'], { user: 'nobody' })
        const capability = await box.exec(['/tmp/look', file, '/proc/self/status'], { user: 'nobody' })
        return [id.stdout.trim(), Number.parseInt(capability.stdout, 16)]
      } finally {
        await box.remove({ force: true })
      }
    }
    expect(await asNobody({})).toEqual(['65534', 0])
    expect(await asNobody({ noNewPrivileges: false })).toEqual(['0', 2 ** 18])
  },
)
