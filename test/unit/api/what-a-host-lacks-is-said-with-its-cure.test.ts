// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import { hostReport } from '../../../src/api/host-report.js'
import type { ProbeMessage } from '../../../src/api/probe-message.js'

const fine = { ok: true, errno: null, step: '' }
const failed = (errno: string, step = '') => ({ ok: false, errno, step })
const good: ProbeMessage = {
  kernel: '6.12.1-amd64',
  uid: 1000,
  rootless: true,
  container: false,
  noNewPrivileges: false,
  filtered: false,
  fileSystem: 'ext4',
  idMap: 'subids',
  mappedIds: 65536,
  idMapReason: '',
  userNamespace: fine,
  namespaces: fine,
  proc: fine,
  supervisor: fine,
  userns: true,
  snapshotter: 'overlay',
  seccomp: fine,
  memfdExec: fine,
  cgroup: {
    version: 'v2',
    controllers: ['memory', 'swap', 'cpu', 'cpuset', 'pids', 'io', 'freeze', 'kill'],
    reasons: {},
  },
  sysctl: { maxUserNamespaces: '96365', unprivilegedUsernsClone: '', apparmorRestrictUserns: '', memfdNoexec: '0' },
}
const report = (found: Partial<ProbeMessage>) => hostReport({ ...good, ...found }, 'v2')
const sysctl = (changes: Partial<ProbeMessage['sysctl']>) => ({ ...good.sysctl, ...changes })

test('who puts containers on networks reaches out as root', () => {
  expect(report({ rootless: false, networks: fine })).toMatchObject({ outbound: 'nat', lacks: [] })
  expect(report({ rootless: false, networks: failed('EOPNOTSUPP', 'create bridge') })).toMatchObject({
    outbound: 'none',
    lacks: [{ feature: 'networks', fatal: false, fix: expect.stringContaining('modprobe') }],
  })
})

test('without root a program leads out, or the report says which cure helps', () => {
  const out = (wayOut: NonNullable<ProbeMessage['wayOut']> | null) => report({ networks: fine, wayOut })
  const pasta = { name: 'pasta', problem: '' } as const
  const refused = { ...pasta, problem: 'pasta: No external routable interface' }
  const slirp = { name: 'slirp4netns', problem: '' } as const
  expect(out({ tun: fine, programs: [pasta] })).toMatchObject({ outbound: 'pasta', lacks: [] })
  expect(out({ tun: fine, programs: [refused, slirp] })).toMatchObject({ outbound: 'slirp4netns', lacks: [] })
  const cures = [
    [out({ tun: fine, programs: [] }), /neither pasta nor slirp4netns/, /apt-get install passt/],
    [out({ tun: failed('EACCES', 'open /dev/net/tun'), programs: [refused] }), /tun: EACCES/, /^chmod 0666/],
    [out({ tun: failed('ENOENT', 'open /dev/net/tun'), programs: [refused] }), /tun: ENOENT/, /^modprobe tun/],
    [out({ tun: fine, programs: [refused] }), /No external routable interface/, /default route/],
    [out(null), /neither/, /passt/],
  ] as const
  for (const [{ outbound, lacks }, problem, fix] of cures) {
    expect(outbound).toBe('none')
    expect(lacks).toMatchObject([{ feature: 'outbound', fatal: false, problem: expect.stringMatching(problem) }])
    expect(lacks[0]?.fix).toMatch(fix)
  }
})

test('a machine that lacks nothing is usable, and has no list', () => {
  expect(report({})).toMatchObject({
    usable: true,
    idMap: 'subids',
    environment: 'host',
    lacks: [],
    snapshotter: 'overlay',
  })
})

const cases: readonly (readonly [what: string, found: Partial<ProbeMessage>, fatal: boolean, fix: RegExp])[] = [
  ['an old kernel', { kernel: '5.10.0-28-amd64' }, true, /5\.15/],
  [
    'max_user_namespaces=0',
    {
      userNamespace: failed('ENOSPC', 'unshare user namespace'),
      sysctl: sysctl({ maxUserNamespaces: '0' }),
    },
    true,
    /^sysctl -w user\.max_user_namespaces=28633$/,
  ],
  [
    'unprivileged_userns_clone=0',
    { userNamespace: failed('EPERM'), sysctl: sysctl({ unprivilegedUsernsClone: '0' }) },
    true,
    /^sysctl -w kernel\.unprivileged_userns_clone=1$/,
  ],
  [
    'AppArmor, which lets the namespace be made but nothing be done in it',
    { namespaces: failed('EPERM', 'unshare'), sysctl: sysctl({ apparmorRestrictUserns: '1' }) },
    true,
    /^sysctl -w kernel\.apparmor_restrict_unprivileged_userns=0/,
  ],
  ['newuidmap missing', { idMap: 'single', idMapReason: 'no newuidmap' }, false, /^apt-get install uidmap$/],
  [
    'no subordinate ids',
    { idMap: 'single', idMapReason: 'no range in /etc/subuid' },
    false,
    /^usermod --add-subuids 100000-165535 --add-subgids 100000-165535 \S+$/,
  ],
  [
    'newuidmap without its rights',
    { idMap: 'single', idMapReason: 'map ids newuidmap', noNewPrivileges: true },
    false,
    /NoNewPrivileges=no/,
  ],
  ['newuidmap that refuses', { idMap: 'single', idMapReason: 'map ids newuidmap' }, false, /chmod u\+s/],
  ['a user namespace of one id', { idMap: 'single' }, false, /0 to 65535/],
  [
    'a filter that refuses user namespaces',
    { userNamespace: failed('EPERM', 'unshare user namespace'), filtered: true, container: true },
    true,
    /seccomp: 'unconfined' \(tscontainer\)/,
  ],
  [
    'a directory that is not ours',
    { supervisor: failed('EACCES', 'create directory /var/lib') },
    true,
    /^set TSCONTAINER_ROOT/,
  ],
  [
    'memfd_noexec',
    { memfdExec: failed('EACCES'), sysctl: sysctl({ memfdNoexec: '2' }) },
    false,
    /^sysctl -w vm\.memfd_noexec=1$/,
  ],
  [
    'a masked /proc',
    { proc: failed('EPERM', 'mount file system proc'), container: true },
    true,
    /systempaths=unconfined/,
  ],
  ['no overlay', { snapshotter: 'copy', fileSystem: 'overlay' }, false, /TSCONTAINER_ROOT=/],
  [
    'a read-only cgroup tree',
    {
      cgroup: {
        version: 'none',
        controllers: [],
        reasons: { '': '/sys/fs/cgroup is mounted read-only: give the outer container a writable cgroup tree' },
      },
    },
    false,
    /^give the outer container a writable cgroup tree$/,
  ],
]

test.each(cases)('%s', (_what, found, fatal, fix) => {
  const result = report(found)
  expect(result.usable).toBe(!fatal)
  expect(result.lacks).toHaveLength(1)
  expect(result.lacks[0]).toMatchObject({ fatal, fix: expect.stringMatching(fix) })
  expect(String(result)).toContain(result.lacks[0]?.problem)
  expect(String(result)).toContain(result.lacks[0]?.fix)
})

test('root without user namespaces has containers all the same', () => {
  const result = report({
    rootless: false,
    idMap: 'root',
    userNamespace: failed('ENOSPC'),
    sysctl: sysctl({ maxUserNamespaces: '0' }),
  })
  expect(result).toMatchObject({ usable: true, idMap: 'root' })
  expect(result.lacks).toHaveLength(1)
})

test('what stops everything comes first', () => {
  const { lacks } = report({ idMap: 'single', kernel: '4.19.0' })
  expect(lacks.map(({ fatal }) => fatal)).toEqual([true, false])
})

test('WSL 2 and containers are known', () => {
  expect(report({ kernel: '6.6.87-microsoft-standard-WSL2' }).environment).toBe('wsl2')
  expect(report({ container: true }).environment).toBe('container')
})
