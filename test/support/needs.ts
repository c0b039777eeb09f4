// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from 'node:fs'
import { release, userInfo } from 'node:os'
import { type TestContext, test } from 'vitest'

const isRoot = process.getuid?.() === 0
const quietly = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
const hasSubordinateIds = (): boolean => {
  const name = userInfo().username
  return quietly('/etc/subuid').includes(`${name}:`) && quietly('/etc/subgid').includes(`${name}:`)
}

const hasQuotaFormat = (): boolean => {
  const config = `/boot/config-${release()}`
  if (existsSync(config)) return /CONFIG_QFMT_V2=[ym]/.test(quietly(config))
  const modules = `/lib/modules/${release()}`
  return /quota_v2/.test(quietly(`${modules}/modules.dep`) + quietly(`${modules}/modules.builtin`))
}

const hasSctp = (): boolean =>
  /^SCTP/m.test(quietly('/proc/net/protocols')) || quietly(`/lib/modules/${release()}/modules.dep`).includes('/sctp.ko')

/** What a test may need of its host. The names are those of test/support/allowed-skips.json. */
const features = {
  root: isRoot,
  'ordinary user': !isRoot,
  'subordinate ids': isRoot || hasSubordinateIds(),
  'single id': !isRoot && !hasSubordinateIds(),
  'cgroup v2 controllers': quietly('/sys/fs/cgroup/cgroup.controllers').includes('memory'),
  'cgroup v1 controllers': existsSync('/sys/fs/cgroup/memory/memory.limit_in_bytes'),
  'loop devices': isRoot && existsSync('/dev/loop-control'),
  // Without the module file systems that have them cannot be mounted.
  'project quotas': isRoot && hasQuotaFormat(),
  SCTP: hasSctp(),
  // CONFIG_CHECKPOINT_RESTORE.
  ns_last_pid: existsSync('/proc/sys/kernel/ns_last_pid'),
  'a default route': /^\S+\t0{8}\t/m.test(quietly('/proc/net/route')),
  // User-mode Linux takes their numbers for those of 64-bit programs.
  'system calls of 32-bit programs': !quietly('/proc/cpuinfo').includes('User Mode Linux'),
  'an emulator of arm64': process.arch !== 'arm64' && existsSync('/proc/sys/fs/binfmt_misc/qemu-aarch64'),
  // Whose settings may be changed: the virtual machine's.
  'a machine of its own': isRoot && Boolean(process.env.TSC_TEST_OWN_MACHINE),
  // What takes too long for each time.
  TSC_TEST_ALL: Boolean(process.env.TSC_TEST_ALL),
  overlay: quietly('/proc/filesystems').includes('overlay'),
} as const satisfies Readonly<Record<string, boolean>>

export type Feature = keyof typeof features
type Body = (context: TestContext) => unknown

/** Whether the host has it. */
export const has = (feature: Feature): boolean => features[feature]

/**
 * `test`, for tests that need features of the host: where one is missing the test is skipped, and says which.
 * A skip for any other reason, or one that allowed-skips.json does not list, fails `npm test`.
 */
export const testNeeding =
  (...needed: readonly Feature[]) =>
  (name: string, body: Body, timeoutMs?: number): void => {
    const lacking = needed.find((feature) => !features[feature])
    if (lacking === undefined) test(name, body, timeoutMs)
    else test(name, (context) => context.skip(`needs ${lacking}`))
  }
