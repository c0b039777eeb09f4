// SPDX-License-Identifier: Apache-2.0
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Container, ContainerOptions } from '../../../src/index.js'
import type { TestEngine } from '../../support/test-engine.js'
import { cgroupFile, rootDevice } from './seen-from-outside.js'

type Outcome = 'ERR_UNSUPPORTED' | 'ERR_LIMIT_UNSUPPORTED' | 'ERR_USER_UNMAPPED'

/** What one option does, seen from inside; or how it is refused. */
export interface OptionRow {
  /** Refused, always, with this code. */
  readonly refused?: { readonly options: ContainerOptions; readonly code: Outcome }
  /** Asserts the effect. */
  readonly effect?: (host: TestEngine) => Promise<void>
  /** Beside the effect: the host may lack what it needs, and then says so with this code. */
  readonly unless?: Outcome
}

const finished = async (host: TestEngine, script: string, options: ContainerOptions = {}): Promise<string> => {
  const box = await host.run({ command: ['sh', '-c', script], ...options })
  await box.wait()
  let text = ''
  for await (const { line } of box.logs()) text += `${line}\n`
  await box.remove()
  return text
}

/** What the script, as the container's command with these options, writes. */
const inside =
  (options: ContainerOptions, script: string, expected: string | RegExp) =>
  async (host: TestEngine): Promise<void> => {
    const text = await finished(host, script, options)
    if (typeof expected === 'string') expect(text).toBe(expected)
    else expect(text).toMatch(expected)
  }

const withBox = async (
  host: TestEngine,
  options: ContainerOptions,
  act: (box: Container) => Promise<void>,
): Promise<void> => {
  const box = await host.run({ command: ['sleep', '1000'], ...options })
  try {
    await act(box)
  } finally {
    await box.remove({ force: true })
  }
}

const refused = (options: ContainerOptions, code: Outcome = 'ERR_UNSUPPORTED'): OptionRow => ({
  refused: { options, code },
})
const capability = (line: string) => `awk '/^${line}/ {print $2}' /proc/self/status`

/** One row for each option: the meta-test fails when one is missing. */
export const optionRows: { readonly [K in keyof Required<ContainerOptions>]: OptionRow } = {
  name: { effect: (host) => withBox(host, { name: 'row-name' }, async (box) => expect(box.name).toBe('row-name')) },
  command: { effect: inside({ command: ['echo', 'hello'] }, '', 'hello\n') },
  entrypoint: { effect: inside({ entrypoint: ['echo', 'a'], command: ['b'] }, '', 'a b\n') },
  env: {
    effect: inside(
      { env: { SPACED: 'a b', EMPTY: '' } },
      'env | grep -E "SPACED|EMPTY" | sort',
      'EMPTY=\nSPACED=a b\n',
    ),
  },
  workdir: { effect: inside({ workdir: '/made/here' }, 'pwd', '/made/here\n') },
  user: {
    effect: inside({ user: 'nobody' }, 'id -un; grep -c "^CapEff:.*[1-9a-f]" /proc/self/status', 'nobody\n0\n'),
    unless: 'ERR_USER_UNMAPPED',
  },
  hostname: {
    effect: inside(
      { hostname: 'some-host' },
      'hostname; cat /etc/hostname; grep -c some-host /etc/hosts',
      'some-host\nsome-host\n1\n',
    ),
  },
  labels: {
    effect: (host) => withBox(host, { labels: { a: 'b' } }, async (box) => expect(box.labels).toEqual({ a: 'b' })),
  },
  tty: { effect: inside({ tty: { columns: 123, rows: 45 } }, 'test -t 0 && stty size', /^45 123\s/) },
  stdin: { effect: inside({ stdin: 'some text' }, 'cat; echo', 'some text\n') },
  init: { effect: inside({ init: false }, 'echo $$', '1\n') },
  idle: {
    effect: (host) =>
      withBox(host, { idle: true, command: undefined }, async (box) => {
        expect(await box.processes()).toHaveLength(1)
        expect((await box.exec(['echo', 'x'])).stdout).toBe('x\n')
      }),
  },
  pull: { effect: inside({ pull: 'never' }, 'echo ran', 'ran\n') },
  onPullProgress: refused({ onPullProgress: () => {} }),
  on: {
    effect: async (host) => {
      const seen: string[] = []
      await withBox(host, { on: { created: ({ type }) => void seen.push(type) } }, async () =>
        expect(seen).toEqual(['created']),
      )
    },
  },
  memory: {
    effect: async (host) => {
      const box = await host.run({
        command: ['perl', '-e', 'my $x = "x" x (200 * 1024 * 1024); sleep 1000'],
        memory: '64MiB',
      })
      expect(await box.wait()).toMatchObject({ oomKilled: true })
      await box.remove()
    },
    unless: 'ERR_LIMIT_UNSUPPORTED',
  },
  memorySwap: {
    effect: (host) =>
      withBox(host, { memory: '64MiB', memorySwap: '96MiB' }, async ({ pid }) => {
        const limit = await cgroupFile(pid, 'memory', { v1: 'memory.memsw.limit_in_bytes', v2: 'memory.swap.max' })
        expect(limit.text).toBe(String((limit.version === 'v1' ? 96 : 32) * 2 ** 20))
      }),
    unless: 'ERR_LIMIT_UNSUPPORTED',
  },
  cpus: {
    effect: (host) =>
      withBox(host, { command: ['sh', '-c', 'while :; do :; done'], cpus: 0.2 }, async (box) => {
        const percents: number[] = []
        for await (const { cpu } of box.stats({ intervalMs: 500 })) if (percents.push(cpu.percent ?? -1) === 3) break
        expect(Math.max(...percents)).toBeLessThan(40)
      }),
    unless: 'ERR_LIMIT_UNSUPPORTED',
  },
  cpuShares: {
    effect: (host) =>
      withBox(host, { cpuShares: 512 }, async ({ pid }) => {
        const weight = await cgroupFile(pid, 'cpu', { v1: 'cpu.shares', v2: 'cpu.weight' })
        if (weight.version === 'v1') expect(weight.text).toBe('512')
        else expect(Number(weight.text)).toBeLessThan(100)
      }),
    unless: 'ERR_LIMIT_UNSUPPORTED',
  },
  cpuset: {
    effect: inside({ cpuset: '0' }, "awk '/^Cpus_allowed_list/ {print $2}' /proc/self/status", '0\n'),
    unless: 'ERR_LIMIT_UNSUPPORTED',
  },
  pidsLimit: {
    effect: inside({ pidsLimit: 20 }, 'for i in $(seq 60); do sleep 1 & done 2>&1; wait', /fork|Resource/i),
    unless: 'ERR_LIMIT_UNSUPPORTED',
  },
  io: {
    effect: async (host) => {
      const { path, numbers } = await rootDevice()
      await withBox(host, { io: { readBps: { [path]: '1m' } } }, async ({ pid }) => {
        const rates = await cgroupFile(pid, 'blkio', { v1: 'blkio.throttle.read_bps_device', v2: 'io.max' })
        expect(rates.text).toMatch(new RegExp(`${numbers} (rbps=)?1048576`))
      })
    },
    unless: 'ERR_LIMIT_UNSUPPORTED',
  },
  ulimits: {
    effect: inside(
      { ulimits: { nofile: 77, core: { soft: 0, hard: 5 } } },
      "awk '/^Max (open files|core file)/ {print $(NF-2), $(NF-1)}' /proc/self/limits",
      '0 5\n77 77\n',
    ),
  },
  shmSize: { effect: inside({ shmSize: '8m' }, "df -k /dev/shm | awk 'NR==2 {print $2}'", '8192\n') },
  oomScoreAdjust: { effect: inside({ oomScoreAdjust: 555 }, 'cat /proc/self/oom_score_adj', '555\n') },
  mounts: {
    effect: async (host) => {
      const source = join(host.directory, 'bound')
      await writeFile(source, 'from the host')
      await inside(
        {
          mounts: [
            { type: 'bind', source, target: '/bound', readonly: true },
            { type: 'tmpfs', target: '/scratch', size: '1m' },
          ],
        },
        'cat /bound; echo; (echo x >/bound) 2>&1 | grep -o "Read-only file system"; df -k /scratch | awk "NR==2 {print \\$2}"',
        'from the host\nRead-only file system\n1024\n',
      )(host)
    },
  },
  readonlyRootfs: { effect: inside({ readonlyRootfs: true }, '(echo x >/file) 2>&1', /Read-only file system/) },
  files: refused({ files: [{ path: '/x', content: 'y' }] }),
  network: {
    effect: async (host) => {
      await inside({}, "awk -F: 'NR>2 {print $1}' /proc/net/dev | tr -d ' '", 'lo\n')(host)
      await inside({ network: 'host' }, 'readlink /proc/self/ns/net', `${await ownNamespace('net')}\n`)(host)
    },
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
  ports: refused({ ports: ['8080:80'] }),
  dns: refused({ dns: ['9.9.9.9'] }),
  extraHosts: {
    effect: inside({ extraHosts: { 'db.local': '10.1.2.3' } }, 'getent hosts db.local', /^10\.1\.2\.3\s+db\.local/),
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
  healthcheck: refused({ healthcheck: { test: ['CMD', 'true'] } }),
  ready: refused({ ready: {} }),
  restart: refused({ restart: 'always' }),
  stopSignal: {
    effect: (host) =>
      withBox(
        host,
        { command: ['sh', '-c', 'trap "exit 4" USR1; echo ready; while :; do sleep 0.02; done'], stopSignal: 'USR1' },
        async (box) => {
          for await (const { line } of box.logs({ follow: true })) if (line === 'ready') break
          expect(await box.stop()).toMatchObject({ code: 4 })
        },
      ),
  },
  stopTimeoutMs: {
    effect: (host) =>
      withBox(
        host,
        { command: ['sh', '-c', 'trap "" TERM; echo ready; while :; do sleep 0.02; done'], stopTimeoutMs: 50 },
        async (box) => {
          for await (const { line } of box.logs({ follow: true })) if (line === 'ready') break
          expect(await box.stop()).toMatchObject({ signal: 'SIGKILL' })
        },
      ),
  },
  autoRemove: {
    effect: async (host) => {
      const box = await host.run({ command: ['true'], autoRemove: true })
      await box.wait({ condition: 'removed' })
      expect(box.state).toBe('removed')
    },
  },
  detached: {
    effect: (host) =>
      withBox(host, { detached: true }, async (box) => expect((await box.inspect()).detached).toBe(true)),
  },
  logs: {
    effect: async (host) => {
      await inside({ logs: { driver: 'none' } }, 'echo x', '')(host)
      const text = await finished(host, 'seq 20000', { logs: { maxSize: '16k', maxFiles: 2 } })
      expect(text).toContain('20000\n')
      expect(text).not.toMatch(/^1\n/)
    },
  },
  annotations: {
    effect: (host) =>
      withBox(host, { annotations: { 'org.example': 'x' } }, async (box) => expect(box.labels).toEqual({})),
  },
  platform: {
    effect: inside({ platform: `linux/${process.arch === 'x64' ? 'amd64' : process.arch}` }, 'echo ran', 'ran\n'),
  },
  execDefaults: {
    effect: (host) =>
      withBox(host, { execDefaults: { env: { A: '1' }, cwd: '/usr', check: false } }, async (box) => {
        const result = await box.sh('pwd; echo $A $B; exit 3', { env: { B: '2' } })
        expect(result).toMatchObject({ stdout: '/usr\n1 2\n', exitCode: 3 })
      }),
  },
  signal: {
    effect: async (host) => {
      const signal = AbortSignal.abort(new Error('no'))
      await expect(host.create({ command: ['true'], signal })).rejects.toThrow('no')
    },
  },
}

const ownNamespace = async (kind: string): Promise<string> => {
  const { readlink } = await import('node:fs/promises')
  return await readlink(`/proc/self/ns/${kind}`)
}
