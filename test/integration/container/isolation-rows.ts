// SPDX-License-Identifier: Apache-2.0
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { capability, finished, inside, type OptionRow, ownNamespace } from './option-row.js'

/** Options of the isolation. */
export const isolationRows = {
  mounts: {
    effect: async (host) => {
      const source = join(host.directory, 'bound')
      await writeFile(source, 'from the host')
      await inside(
        {
          mounts: [
            { type: 'bind', source, target: '/bound', readonly: true },
            { type: 'tmpfs', target: '/scratch', size: '1m', uid: 0, gid: 0 },
          ],
        },
        'cat /bound; echo; (echo x >/bound) 2>&1 | grep -o "Read-only file system"; df -k /scratch | awk "NR==2 {print \\$2}"',
        'from the host\nRead-only file system\n1024\n',
      )(host)
    },
  },
  readonlyRootfs: { effect: inside({ readonlyRootfs: true }, '(echo x >/file) 2>&1', /Read-only file system/) },
  files: {
    effect: inside(
      { files: [{ path: '/etc/app/conf', content: 'set\n', mode: 0o600, owner: '7:8' }], readonlyRootfs: true },
      'cat /etc/app/conf; stat -c "%a %u:%g" /etc/app/conf /etc/app; touch /x 2>/dev/null || echo still read-only',
      'set\n600 7:8\n755 0:0\nstill read-only\n',
    ),
    unless: 'ERR_USER_UNMAPPED',
  },
  pid: {
    effect: async (host) =>
      inside({ pid: 'host' }, 'readlink /proc/self/ns/pid', `${await ownNamespace('pid')}\n`)(host),
  },
  ipc: {
    effect: async (host) =>
      inside({ ipc: 'host' }, 'readlink /proc/self/ns/ipc', `${await ownNamespace('ipc')}\n`)(host),
  },
  uts: {
    effect: async (host) =>
      inside({ uts: 'host' }, 'readlink /proc/self/ns/uts', `${await ownNamespace('uts')}\n`)(host),
  },
  capabilities: {
    effect: inside({ capabilities: { drop: ['ALL'], add: ['NET_RAW'] } }, capability('CapEff'), '0000000000002000\n'),
  },
  seccomp: {
    effect: async (host) => {
      const denying = {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 95 }],
      } as const
      await inside({ seccomp: denying }, 'mkdir /tmp/x 2>&1', /Operation not supported/)(host)
      await inside({}, "awk '/^Seccomp:/ {print $2}' /proc/self/status", '2\n')(host)
      await inside({ seccomp: 'unconfined' }, "awk '/^Seccomp:/ {print $2}' /proc/self/status", '0\n')(host)
    },
  },
  noNewPrivileges: {
    effect: async (host) => {
      await inside({}, "awk '/^NoNewPrivs/ {print $2}' /proc/self/status", '1\n')(host)
      await inside({ noNewPrivileges: false }, "awk '/^NoNewPrivs/ {print $2}' /proc/self/status", '0\n')(host)
    },
  },
  devices: {
    effect: inside(
      { devices: [{ source: '/dev/zero', target: '/dev/nil' }] },
      'head -c 3 /dev/nil | od -An -tx1',
      ' 00 00 00\n',
    ),
  },
  privileged: {
    effect: inside(
      { privileged: true },
      `${capability('CapEff')}; awk '/^Seccomp:/ {print $2}' /proc/self/status`,
      /^0*1ff+\n0\n/,
    ),
  },
  userns: {
    effect: async (host) => {
      const { userns, rootless } = await host.engine.info()
      if (userns) await inside({}, 'readlink /proc/self/ns/user', /^user:/)(host)
      const own = await ownNamespace('user')
      const text = await finished(host, 'readlink /proc/self/ns/user', { userns: 'host' })
      if (rootless) expect(text).not.toBe(`${own}\n`)
      else expect(text).toBe(`${own}\n`)
      if (userns)
        expect(await finished(host, 'readlink /proc/self/ns/user', { userns: 'private' })).not.toBe(`${own}\n`)
    },
  },
  sysctls: {
    effect: inside(
      { sysctls: { 'net.ipv4.ip_default_ttl': '77', 'kernel.sem': '250 32000 100 128' } },
      'cat /proc/sys/net/ipv4/ip_default_ttl',
      '77\n',
    ),
  },
} satisfies Readonly<Record<string, OptionRow>>
