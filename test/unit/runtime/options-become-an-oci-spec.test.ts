// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from 'vitest'
import type { ContainerOptions } from '../../../src/runtime/container-options.js'
import type { Mount } from '../../../src/runtime/mount-options.js'
import { goodHost, plan } from './plan-input.js'

const mountAt = (options: ContainerOptions, destination: string) =>
  plan(options).spec.mounts.find((mount) => mount.destination === destination)
const namespaces = (options: ContainerOptions) => plan(options).spec.linux.namespaces.map(({ type }) => type)

describe('without options', () => {
  const { spec, userns, stopSignal, stopTimeoutMs, log, etc } = plan({})

  test('there are the file systems of the kernel, in this order', () => {
    expect(spec.mounts).toEqual([
      { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
      {
        destination: '/dev',
        type: 'tmpfs',
        source: 'tmpfs',
        options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
      },
      {
        destination: '/dev/pts',
        type: 'devpts',
        source: 'devpts',
        options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
      },
      {
        destination: '/dev/shm',
        type: 'tmpfs',
        source: 'shm',
        options: ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=67108864'],
      },
      { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
      { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
      {
        destination: '/sys/fs/cgroup',
        type: 'cgroup',
        source: 'cgroup',
        options: ['nosuid', 'noexec', 'nodev', 'relatime', 'ro'],
      },
    ])
  })

  test('there is a namespace of every kind but for users, which the supervisor adds', () => {
    expect(spec.linux.namespaces.map(({ type }) => type)).toEqual(['mount', 'cgroup', 'pid', 'ipc', 'uts', 'network'])
    expect(userns).toBe('private')
  })

  test('the process is root with few capabilities, a filter and no way to more', () => {
    expect(spec.process).toMatchObject({ args: ['sh'], cwd: '/', user: { uid: 0, gid: 0 }, noNewPrivileges: true })
    const { bounding, effective, permitted, inheritable, ambient } = spec.process?.capabilities ?? {}
    expect(bounding).toHaveLength(11)
    expect(bounding).not.toContain('CAP_NET_RAW')
    expect([effective, permitted]).toEqual([bounding, bounding])
    expect([inheritable, ambient]).toEqual([[], []])
    expect(plan({}).seccomp?.defaultAction).toBe('SCMP_ACT_ERRNO')
    expect(spec.linux.maskedPaths).toContain('/proc/kcore')
    expect(spec.linux.maskedPaths).toContain('/sys/devices/system/cpu/cpu1/thermal_throttle')
    expect(spec.linux.readonlyPaths).toContain('/proc/sys')
  })

  test('there is a limit of processes, and nothing else is limited', () => {
    expect(spec.linux.resources).toEqual({ pids: { limit: 2048 } })
  })

  test('names, signals and logs are the usual ones', () => {
    expect(spec.hostname).toBe('abababababab')
    expect(etc).toEqual({
      hosts: '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n127.0.1.1\tabababababab\n',
      hostname: 'abababababab\n',
    })
    expect([stopSignal, stopTimeoutMs]).toEqual([15, 10_000])
    expect(log).toEqual({ driver: 'file', maxBytes: 64 * 1024 * 1024, maxFiles: 2 })
  })

  test('the filter is made once', () => {
    expect(plan({}).seccomp).toBe(plan({ env: { A: 'b' } }).seccomp)
  })
})

describe('the command', () => {
  const args = (options: ContainerOptions, config: object) => plan(options, { config }).spec.process?.args
  const image = { entrypoint: ['entry', 'point'], cmd: ['cmd'] }
  test.each([
    ['the image’s', {}, image, ['entry', 'point', 'cmd']],
    ['a command takes the place of the image’s', { command: ['x'] }, image, ['entry', 'point', 'x']],
    ['an entrypoint drops the image’s command', { entrypoint: ['e'] }, image, ['e']],
    ['both are ours', { entrypoint: ['e'], command: ['x'] }, image, ['e', 'x']],
    ['an empty entrypoint is none', { entrypoint: [], command: ['x'] }, image, ['x']],
    ['Docker’s empty text is none too', { entrypoint: [''], command: ['x'] }, image, ['x']],
  ])('%s', (_what, options, config, expected) => {
    expect(args(options, config)).toEqual(expected)
  })

  test('is missing', () => {
    expect(() => args({}, {})).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', option: 'command' }))
    expect(args({ idle: true }, {})).toBeUndefined()
  })
})

describe('the environment', () => {
  const env = (options: ContainerOptions, config: object = { cmd: ['sh'] }) =>
    plan(options, { config }).spec.process?.env
  test('is a PATH, the image’s, and ours over it', () => {
    expect(env({})).toEqual(['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'])
    const config = { cmd: ['sh'], env: ['PATH=/bin', 'A=1', 'B=2'] }
    expect(env({ env: { B: '3', C: '' } }, config)).toEqual(['PATH=/bin', 'A=1', 'B=3', 'C='])
    expect(env({ tty: true }, config)).toContain('TERM=xterm')
    expect(env({ tty: true, env: { TERM: 'vt100' } }, config)).toContain('TERM=vt100')
  })
})

describe('users', () => {
  const process = (user: string | number, config: object = { cmd: ['sh'] }) => plan({ user }, { config }).spec.process
  test('are left to be looked up inside, and have nothing effective unless they are root', () => {
    expect(process('nobody')?.user).toEqual({ uid: 0, gid: 0, username: 'nobody' })
    expect(process('nobody')?.capabilities?.effective).toEqual([])
    expect(process('nobody')?.capabilities?.bounding).toHaveLength(11)
    expect(process(1000)?.user).toMatchObject({ username: '1000' })
    expect(process('0:0')?.capabilities?.effective).toHaveLength(11)
    expect(plan({}, { config: { cmd: ['sh'], user: 'app' } }).spec.process?.user).toMatchObject({ username: 'app' })
  })
})

describe('mounts', () => {
  test('binds have neither devices nor setuid, and read-only ones are so to the bottom', () => {
    expect(mountAt({ mounts: [{ type: 'bind', source: '/srv', target: '/data/' }] }, '/data')).toEqual({
      destination: '/data',
      type: 'bind',
      source: '/srv',
      options: ['rbind', 'rprivate', 'nosuid', 'nodev'],
    })
    const readonly = { type: 'bind', source: '/srv', target: '/data', readonly: true } as const
    expect(mountAt({ mounts: [readonly] }, '/data')?.options).toEqual([
      'rbind',
      'rprivate',
      'nosuid',
      'nodev',
      'ro',
      'rro',
    ])
  })

  test('binds are alone, slaves or parts when asked', () => {
    const bind = { type: 'bind', source: '/srv', target: '/data' } as const
    const optionsOf = (more: object) => mountAt({ mounts: [{ ...bind, ...more }] }, '/data')?.options
    expect(optionsOf({ recursive: false })).toEqual(['bind', 'rprivate', 'nosuid', 'nodev'])
    expect(optionsOf({ propagation: 'slave' })).toEqual(['rbind', 'rslave', 'nosuid', 'nodev'])
    expect(optionsOf({ subpath: 'a/b' })).toEqual(['rbind', 'rprivate', 'nosuid', 'nodev', 'subpath=a/b'])
  })

  test('volumes are binds of their directory, images their layers', () => {
    const found = [
      { type: 'volume', path: '/root/volumes/v/data', target: '/v/', readonly: true },
      { type: 'image', key: 'sha256:1', target: '/i', subpath: 'bin' },
    ] as unknown as Mount[]
    expect(mountAt({ mounts: found }, '/v')).toEqual({
      destination: '/v',
      type: 'bind',
      source: '/root/volumes/v/data',
      options: ['bind', 'rprivate', 'nosuid', 'nodev', 'ro'],
    })
    expect(mountAt({ mounts: found }, '/i')).toEqual({
      destination: '/i',
      type: 'image',
      source: 'sha256:1',
      options: ['ro', 'nosuid', 'nodev', 'subpath=bin'],
    })
  })

  test('tmpfs have a size', () => {
    expect(mountAt({ mounts: [{ type: 'tmpfs', target: '/t' }] }, '/t')?.options).toEqual([
      'nosuid',
      'nodev',
      'noexec',
      'mode=1777',
      'size=67108864',
    ])
    const own = { type: 'tmpfs', target: '/t', size: '1g', mode: 0o700, exec: true } as const
    expect(mountAt({ mounts: [own] }, '/t')?.options).toEqual(['nosuid', 'nodev', 'mode=700', 'size=1073741824'])
  })

  test('parents come before what is in them, and a place of ours is given up', () => {
    const mounts = ['/a/b/c', '/dev/shm', '/a'].map((target) => ({ type: 'tmpfs', target }) as const)
    const { spec } = plan({ mounts })
    expect(spec.mounts.slice(-3).map(({ destination }) => destination)).toEqual(['/a', '/dev/shm', '/a/b/c'])
    expect(spec.mounts.filter(({ destination }) => destination === '/dev/shm')).toHaveLength(1)
  })

  test('shmSize, and what is not covered for the privileged', () => {
    expect(mountAt({ shmSize: '1m' }, '/dev/shm')?.options).toContain('size=1048576')
    expect(mountAt({ privileged: true }, '/sys')?.options).not.toContain('ro')
  })
})

describe('namespaces of the host', () => {
  test('are those that are left out', () => {
    expect(namespaces({ network: 'host' })).not.toContain('network')
    expect(namespaces({ ipc: 'host' })).not.toContain('ipc')
    expect(namespaces({ uts: 'host' })).not.toContain('uts')
    expect(plan({ uts: 'host' }).spec.hostname).toBeUndefined()
    expect(mountAt({ pid: 'host' }, '/proc')).toMatchObject({ type: 'bind', source: '/proc' })
    expect(namespaces({ pid: 'host' })).not.toContain('pid')
  })

  test('of users: where there can be none, the default does without and asking is an error', () => {
    const host = { ...goodHost, userns: false, usernsReason: 'idmap mount /x: EINVAL' }
    expect(plan({}, { host }).userns).toBe('host')
    expect(() => plan({ userns: 'private' }, { host })).toThrow(
      expect.objectContaining({
        code: 'ERR_UNSUPPORTED',
        option: 'userns',
        message: expect.stringContaining('EINVAL'),
      }),
    )
  })

  test('of users: outside of one, devices have rules', () => {
    const { devices } = plan({ userns: 'host' }).spec.linux.resources ?? {}
    expect(devices?.[0]).toEqual({ allow: false, access: 'rwm' })
    expect(devices).toContainEqual({ allow: true, type: 'c', major: 1, minor: 3, access: 'rwm' })
    expect(plan({}).spec.linux.resources?.devices).toBeUndefined()
  })
})

describe('security', () => {
  test('the privileged have everything', () => {
    const { spec, seccomp } = plan({ privileged: true })
    expect(spec.process?.capabilities?.bounding).toHaveLength(41)
    expect(spec.process?.noNewPrivileges).toBe(false)
    expect(seccomp).toBeNull()
    expect(spec.linux.maskedPaths).toBeUndefined()
  })

  test('labels are annotations, the image’s under ours', () => {
    const { annotations } = plan(
      { labels: { a: '1' }, annotations: { other: 'x' } },
      { config: { cmd: ['sh'], labels: { a: '0', b: '2' } } },
    ).spec
    expect(annotations).toEqual({ other: 'x', 'dev.tscontainer.label.a': '1', 'dev.tscontainer.label.b': '2' })
  })

  test('sysctls of a shared namespace are refused', () => {
    expect(() => plan({ network: 'host', sysctls: { 'net.core.somaxconn': '1' } })).toThrow(
      expect.objectContaining({ option: 'sysctls.net.core.somaxconn' }),
    )
  })
})
