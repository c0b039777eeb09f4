// SPDX-License-Identifier: Apache-2.0
import { beforeAll, expect, test } from 'vitest'
import type { ContainerOptions } from '../../../src/index.js'
import { compileAttack } from '../../support/attack-program.js'
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

test('calls of the kernel that containers have no business with are refused, by other ABIs too', async () => {
  const found = await attempt({})
  expect(Object.keys(found).length).toBeGreaterThan(30)
  // The filter's answers: EPERM, ENOSYS to what it does not know, and the end of who speaks another ABI.
  const passed = Object.entries(found).filter(([, result]) => !['EPERM', 'ENOSYS', 'SYS'].includes(result))
  expect(passed).toEqual([])
  expect(found).toMatchObject({ no_such_call: 'ENOSYS', clone3_user: 'ENOSYS' })
})

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
  const never = Object.entries(found).filter(([name]) =>
    /^(af_|netlink_|io_uring|int_80|x32|tioc|keyctl|no_such)/.test(name),
  )
  expect(never.length).toBeGreaterThan(9)
  expect(never.filter(([, result]) => !['EPERM', 'ENOSYS', 'SYS'].includes(result))).toEqual([])
})
