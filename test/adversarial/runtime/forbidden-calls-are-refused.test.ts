// SPDX-License-Identifier: Apache-2.0
import { beforeAll, expect, test } from 'vitest'
import type { ContainerOptions } from '../../../src/index.js'
import { compileAttack } from '../../support/attack-program.js'
import { testNeeding } from '../../support/needs.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
let program: string
beforeAll(async () => {
  program = await compileAttack(host.directory, 'forbidden_calls')
})

// On a terminal, whose input is what TIOCSTI and TIOCLINUX are after.
const attempt = async (options: ContainerOptions): Promise<Record<string, string>> => {
  const mounts = [{ type: 'bind', source: program, target: '/opt/attack', readonly: true }] as const
  const box = await host.idle({ mounts, ...options })
  try {
    const { stdout } = await box.exec(['/opt/attack'], { tty: { columns: 80, rows: 24 } })
    return Object.fromEntries(
      stdout
        .trim()
        .split(/\s*\n/)
        .map((line) => line.split(' ') as [string, string]),
    )
  } finally {
    await box.remove({ force: true })
  }
}

// The filter's answers: EPERM, ENOSYS to what it does not know, and the end of who speaks another ABI.
const passedOf = (found: readonly [string, string][]) =>
  found.filter(([, result]) => !['EPERM', 'ENOSYS', 'SYS'].includes(result))
const isOf32Bits = (name: string): boolean => name.startsWith('int_80')

test('calls of the kernel that containers have no business with are refused, by other ABIs too', async () => {
  const found = await attempt({})
  expect(Object.keys(found).length).toBeGreaterThan(30)
  expect(passedOf(Object.entries(found).filter(([name]) => !isOf32Bits(name)))).toEqual([])
  expect(found).toMatchObject({ no_such_call: 'ENOSYS', clone3_user: 'ENOSYS' })
})

testNeeding('system calls of 32-bit programs')(
  'nor are they made by the numbers of 32-bit programs, whatever capabilities there are',
  async () => {
    for (const options of [{}, { capabilities: { add: ['ALL'] } }] as const) {
      const found = Object.entries(await attempt(options)).filter(([name]) => isOf32Bits(name))
      expect(found.length).toBe(process.arch === 'x64' ? 2 : 0)
      expect(passedOf(found)).toEqual([])
    }
  },
)

test('it is the filter that refuses them', async () => {
  const found = await attempt({ seccomp: 'unconfined' })
  expect(found).toMatchObject({
    unshare_user: 'ok',
    clone_user: 'ok',
    clone3_user: 'ok',
    personality: 'ok',
    keyctl: 'ok',
  })
})

test('capabilities open no more of them than they must', async () => {
  const found = await attempt({ capabilities: { add: ['ALL'] } })
  const never = Object.entries(found).filter(([name]) => /^(af_|netlink_|io_uring|x32|tioc|keyctl|no_such)/.test(name))
  expect(never.length).toBeGreaterThan(9)
  expect(passedOf(never)).toEqual([])
})
