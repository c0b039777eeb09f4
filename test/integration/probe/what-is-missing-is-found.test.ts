// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Engine } from '../../../src/index.js'
import { testNeeding } from '../../support/needs.js'
import { scratchBase } from '../../support/test-engine.js'
import { inside, lackOf, ordinary, probeIn, probeRoot } from './probe-in.js'

const isRoot = process.getuid?.() === 0
// A user namespace of the test's own: settings below /proc/sys/user are each namespace's.
const ownUsers = ['--user', '--map-root-user']
const privately = ['--mount', '--propagation', 'private']

describe('on this machine', () => {
  test('the engine is usable, and what it lacks is not fatal', async () => {
    const directory = await mkdtemp(join(scratchBase(), 'tsc-probe-'))
    try {
      const engine = await Engine.open({ root: join(directory, 'not/yet/there'), runRoot: join(directory, 'run') })
      const report = await engine.probe()
      expect(report).toMatchObject({
        usable: true,
        rootless: !isRoot,
        outbound: isRoot ? 'nat' : expect.stringMatching(/^(pasta|slirp4netns|none)$/),
      })
      expect(report.lacks.filter(({ fatal }) => fatal)).toEqual([])
      expect(report.idMap).not.toBe('none')
      expect(String(report)).toContain('This machine can run containers.')
      expect(await readdir(directory), 'nothing is set up, nothing is left').toEqual([])
    } finally {
      await rm(directory, { recursive: true })
    }
  })

  test('what is weak is what the kernel says of itself', async () => {
    const directory = await mkdtemp(join(scratchBase(), 'tsc-probe-'))
    try {
      const engine = await Engine.open({ root: join(directory, 'root'), runRoot: join(directory, 'run') })
      const { weaknesses } = await engine.probe()
      const value = async (path: string) => (await readFile(path, 'utf8').catch(() => '')).trim()
      const found = (feature: string) => weaknesses.some((weakness) => weakness.feature === feature)
      expect(found('dev.tty.legacy_tiocsti')).toBe((await value('/proc/sys/dev/tty/legacy_tiocsti')) === '1')
      expect(found('kernel.yama.ptrace_scope')).toBe((await value('/proc/sys/kernel/yama/ptrace_scope')) === '0')
      for (const { problem, fix } of weaknesses) expect([problem, fix].every((text) => text.length > 8)).toBe(true)
    } finally {
      await rm(directory, { recursive: true })
    }
  })

  test('what a probe says is what an engine then finds', async () => {
    const directory = await mkdtemp(join(scratchBase(), 'tsc-probe-'))
    const engine = await Engine.open({ root: join(directory, 'root'), runRoot: join(directory, 'run') })
    try {
      const { rootless, idMap, snapshotter, cgroup } = await engine.probe()
      const info = await engine.info()
      expect({ rootless, idMap, snapshotter }).toEqual({
        rootless: info.rootless,
        idMap: info.idMap,
        snapshotter: info.snapshotter,
      })
      expect(cgroup.controllers).toEqual(info.cgroup.controllers)
    } finally {
      await engine.close()
      await new Promise((resolve) => setTimeout(resolve, 300))
      await rm(directory, { recursive: true, force: true })
    }
  })
})

describe('user namespaces', () => {
  test('that are switched off stop everything; the cure is the setting', async () => {
    const report = await probeIn(inside(ownUsers, 'echo 0 >/proc/sys/user/max_user_namespaces'))
    expect(report.usable).toBe(false)
    expect(lackOf(report, /user namespaces/)).toMatchObject({
      fatal: true,
      fix: 'sysctl -w user.max_user_namespaces=28633',
    })
  })

  // In a chroot the kernel refuses them with EPERM, as Ubuntu's AppArmor does; the setting is laid over /proc/sys/kernel.
  testNeeding('root')('that AppArmor refuses are told by the setting of Ubuntu', async () => {
    const script = `mount -t tmpfs none /proc/sys/kernel
      echo 1 >/proc/sys/kernel/apparmor_restrict_unprivileged_userns
      mount -t tmpfs none /mnt
      mkdir /mnt/root
      mount --rbind / /mnt/root`
    const report = await probeIn([...inside(privately, script), 'chroot', '/mnt/root', ...ordinary()])
    expect(report).toMatchObject({ usable: false, idMap: 'none' })
    expect(report.lacks).toHaveLength(1)
    const [lack] = report.lacks
    expect(lack?.problem).toContain('AppArmor')
    expect(lack?.fix).toMatch(/^sysctl -w kernel\.apparmor_restrict_unprivileged_userns=0/)
    expect(lack?.fix).toContain(`profile tscontainer-node ${process.execPath} flags=(unconfined) { userns, }`)
  })

  testNeeding('root')('that a chroot refuses are told apart from that', async () => {
    const script = 'mount -t tmpfs none /mnt && mkdir /mnt/root && mount --rbind / /mnt/root'
    const report = await probeIn([...inside(privately, script), 'chroot', '/mnt/root', ...ordinary()])
    expect(report.usable).toBe(false)
    expect(lackOf(report, /user namespaces/)?.problem).not.toContain('AppArmor')
  })
})

describe('ids', () => {
  testNeeding('single id')('without a range there is one', async () => {
    const report = await probeIn([])
    expect(report).toMatchObject({ usable: true, idMap: 'single' })
    expect(lackOf(report, /subordinate ids/)).toMatchObject({
      fatal: false,
      problem: expect.stringContaining('ERR_USER_UNMAPPED'),
      fix: expect.stringMatching(/^usermod --add-subuids 100000-165535 --add-subgids 100000-165535 tsctest1$/),
    })
  })

  testNeeding('root')('a range in one of the two files only is none', async () => {
    const report = await probeIn([...inside(privately, 'mount --bind /dev/null /etc/subgid'), ...ordinary()])
    expect(report).toMatchObject({ usable: true, idMap: 'single' })
    expect(lackOf(report, /subordinate ids/)?.problem).toContain('/etc/subgid')
  })

  testNeeding('root')('without newuidmap there is one, and the cure is its package', async () => {
    const script = 'mount --bind /dev/null /usr/bin/newuidmap'
    const report = await probeIn([...inside(privately, script), ...ordinary()])
    expect(report).toMatchObject({ usable: true, idMap: 'single' })
    expect(lackOf(report, /subordinate ids/)?.fix).toBe('apt-get install uidmap')
  })

  testNeeding('subordinate ids')('under no_new_privs newuidmap can do nothing: one is left', async () => {
    const report = await probeIn([...ordinary(), 'setpriv', '--no-new-privs'])
    expect(report).toMatchObject({ usable: true, idMap: 'single' })
    expect(lackOf(report, /subordinate ids/)?.fix).toContain('NoNewPrivileges=no')
  })
})

describe('the machine', () => {
  testNeeding('root')('that forbids executable memory files still runs containers', async () => {
    const options = ['--pid', '--fork', '--mount-proc']
    const report = await probeIn(inside(options, 'echo 2 >/proc/sys/vm/memfd_noexec'))
    expect(report).toMatchObject({ usable: true, environment: 'container' })
    expect(lackOf(report, /memfd/)).toMatchObject({ fatal: false, fix: 'sysctl -w vm.memfd_noexec=1' })
  })

  testNeeding('root')('with a read-only cgroup tree has no limits to give', async () => {
    const script = `awk '$8 ~ /^cgroup/ || $9 ~ /^cgroup/ { print $5 }' /proc/self/mountinfo | while read -r point; do
      mount -o remount,bind,ro "$point"; done`
    const report = await probeIn(inside(privately, script))
    expect(report).toMatchObject({ usable: true, cgroup: { controllers: [] } })
    expect(lackOf(report, /memory/)).toMatchObject({
      fatal: false,
      problem: expect.stringContaining('read-only'),
      fix: expect.stringContaining('writable cgroup tree'),
    })
  })

  testNeeding('root')(
    'that drops what is forwarded says which firewall does, unless it has a place for others',
    async () => {
      const dropped = (script: string) => probeIn(inside(['--net'], script))
      const policy = 'iptables-nft -P FORWARD DROP'
      expect(lackOf(await dropped(policy), /forwarding/)).toMatchObject({
        fatal: false,
        problem: expect.stringContaining('ip filter, chain FORWARD'),
        fix: expect.stringContaining('nft insert rule ip filter FORWARD iifname'),
      })
      expect(lackOf(await dropped(`${policy}; iptables-nft -N DOCKER-USER`), /forwarding/)).toBeUndefined()
      expect(lackOf(await dropped('iptables-legacy -P FORWARD DROP'), /forwarding/)?.fix).toContain(
        'iptables-legacy -I',
      )
      expect(lackOf(await dropped('iptables-legacy -P FORWARD ACCEPT'), /forwarding/)).toBeUndefined()
    },
  )

  test('that covers parts of /proc, as containers do, is not usable: the cure is to uncover them', async () => {
    // What was mounted by somebody with more rights is locked: hence the second namespace.
    const script = 'mount -t tmpfs none /proc/irq'
    const outer = isRoot ? privately : [...ownUsers, ...privately]
    const report = await probeIn([...inside(outer, script), 'unshare', ...ownUsers])
    expect(report.usable).toBe(false)
    expect(lackOf(report, /procfs/)).toMatchObject({
      fatal: true,
      fix: expect.stringMatching(/systempaths=unconfined.*unmask=ALL.*privileged: true/),
    })
  })

  test('where the engine may not write says so', async () => {
    const report = await probeIn(ordinary(), '/var/lib/tscontainer-not-ours')
    expect(report.usable).toBe(false)
    expect(lackOf(report, /root directory/)).toMatchObject({
      fatal: true,
      fix: expect.stringContaining('TSCONTAINER_ROOT'),
    })
  })

  testNeeding('root')('with the store on an overlay copies layers', async () => {
    const script = `mount -t tmpfs none /mnt && mkdir /mnt/u /mnt/w /mnt/m
      mount -t overlay none -o lowerdir=/etc,upperdir=/mnt/u,workdir=/mnt/w /mnt/m`
    const report = await probeIn(inside(privately, script), '/mnt/m/engine')
    expect(report).toMatchObject({ usable: true, snapshotter: 'copy' })
    expect(lackOf(report, /overlay/)).toMatchObject({ fatal: false, fix: expect.stringContaining('TSCONTAINER_ROOT') })
  })
})

test('a probe leaves nothing where it tried', async () => {
  await probeIn(ordinary())
  const names = await readdir(join(probeRoot(), '..'))
  expect(names.filter((name) => name.startsWith('.tscontainer-probe'))).toEqual([])
})
