// SPDX-License-Identifier: Apache-2.0
import { expect } from 'vitest'
import { type LogEntry, Ready } from '../../../src/index.js'
import { finished, inside, type OptionRow, withBox } from './option-row.js'
import { hearsItsPull } from './pull-row.js'

/** Options of the process and its life. */
export const processRows = {
  name: { effect: (host) => withBox(host, { name: 'row-name' }, async (box) => expect(box.name).toBe('row-name')) },
  command: { effect: inside({ command: ['echo', 'hello'] }, '', 'hello\n') },
  entrypoint: { effect: inside({ entrypoint: ['echo', 'a'], command: ['b'] }, '', 'a b\n') },
  env: {
    effect: inside(
      { env: { SPACED: 'a b', EMPTY: '', PATH: null } },
      '/usr/bin/env | /usr/bin/grep -E "SPACED|EMPTY|^PATH" | /usr/bin/sort',
      'EMPTY=\nSPACED=a b\n',
    ),
  },
  workdir: { effect: inside({ workdir: '/made/here' }, 'pwd', '/made/here\n') },
  user: {
    effect: inside({ user: 'nobody' }, 'id -un; grep -c "^CapEff:.*[1-9a-f]" /proc/self/status', 'nobody\n0\n'),
    unless: 'ERR_USER_UNMAPPED',
  },
  groupAdd: {
    effect: async (host) => {
      const options = { user: '1:1', groupAdd: [7, 'tty'] }
      await inside(options, 'id -G', '1 5 7\n')(host)
      await withBox(host, options, async (box) => expect((await box.exec(['id', '-G'])).stdout).toBe('1 5 7\n'))
      const unknown = await host.create({ command: ['true'], groupAdd: ['nobodys'] }).catch((reason: unknown) => reason)
      expect(unknown).toMatchObject({ code: 'ERR_USER_NOT_FOUND' })
    },
    unless: 'ERR_USER_UNMAPPED',
  },
  hostname: {
    effect: inside(
      { hostname: 'some-host' },
      'hostname; cat /etc/hostname; grep -c some-host /etc/hosts',
      'some-host\nsome-host\n1\n',
    ),
  },
  domainname: {
    effect: inside({ domainname: 'example.org' }, 'cat /proc/sys/kernel/domainname', 'example.org\n'),
  },
  labels: {
    effect: (host) => withBox(host, { labels: { a: 'b' } }, async (box) => expect(box.labels).toEqual({ a: 'b' })),
  },
  tty: { effect: inside({ tty: { columns: 123, rows: 45 } }, 'test -t 0 && stty size', /^45 123\s/) },
  stdin: {
    effect: async (host) => {
      await inside({ stdin: 'some text' }, 'cat; echo', 'some text\n')(host)
      const box = await host.run({ stdin: 'pipe', command: ['cat'] })
      await box.attach({ stdin: 'more text' }).ended()
      expect(await box.wait()).toMatchObject({ code: 0 })
      for await (const { line } of box.logs()) expect(line).toBe('more text')
      await box.remove()
    },
  },
  init: { effect: inside({ init: false }, 'echo $$', '1\n') },
  idle: {
    effect: (host) =>
      withBox(host, { idle: true, command: undefined }, async (box) => {
        expect(await box.processes()).toHaveLength(1)
        expect((await box.exec(['echo', 'x'])).stdout).toBe('x\n')
      }),
  },
  pull: { effect: inside({ pull: 'never' }, 'echo ran', 'ran\n') },
  onPullProgress: { effect: hearsItsPull },
  on: {
    effect: async (host) => {
      const seen: string[] = []
      await withBox(host, { on: { created: ({ type }) => void seen.push(type) } }, async () =>
        expect(seen).toEqual(['created']),
      )
    },
  },
  ready: {
    effect: (host) =>
      withBox(
        host,
        { command: ['sh', '-c', 'sleep 0.2; echo up; exec sleep 1000'], ready: Ready.log('up') },
        async (box) => {
          for await (const { line } of box.logs({ tail: 1 })) return expect(line).toBe('up')
          throw new Error('it was not waited for')
        },
      ),
  },
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
      await withBox(host, { logs: { driver: 'none' } }, async (box) =>
        expect(() => box.logs()).toThrow(expect.objectContaining({ code: 'ERR_UNSUPPORTED' })),
      )
      const lines: string[] = []
      const onEntry = ({ line }: LogEntry) => void lines.push(line)
      const box = await host.run({ logs: { driver: 'callback', onEntry }, command: ['echo', 'told'] })
      await box.wait()
      expect(lines).toEqual(['told'])
      await box.remove()
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
} satisfies Readonly<Record<string, OptionRow>>
