// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import type { Container } from '../../../src/index.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()

const kinds = ['net', 'pid', 'ipc', 'uts', 'user'] as const

const namespacesOf = async (box: Container): Promise<Record<(typeof kinds)[number], string>> => {
  const { stdout } = await box.exec(['sh', '-c', `cd /proc/self/ns; readlink ${kinds.join(' ')}`])
  const links = stdout.trim().split('\n')
  return Object.fromEntries(kinds.map((kind, index) => [kind, links[index]])) as never
}

const shared = async (one: Container, other: Container): Promise<readonly string[]> => {
  const [ones, others] = [await namespacesOf(one), await namespacesOf(other)]
  return kinds.filter((kind) => ones[kind] === others[kind])
}

test('a server of one container answers another on loopback, for as long as the first runs', async () => {
  await using server = await host.run({
    name: 'server',
    command: [
      'perl',
      '-MIO::Socket::INET',
      '-e',
      `
      my $s = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 8080, Listen => 5) or die;
      while (my $c = $s->accept) { print $c "hello\\n"; close $c }`,
    ],
  })
  await using client = await host.idle({ network: 'container:server' })
  expect(await shared(server, client)).toEqual(['net', 'user'])
  const ask = `my $s; for (1..100) { $s = IO::Socket::INET->new('127.0.0.1:8080') and last; select undef, undef, undef, 0.05 } print <$s>`
  expect((await client.exec(['perl', '-MIO::Socket::INET', '-e', ask])).stdout).toBe('hello\n')
})

test('processes of the first are seen and can be signalled; with it they all end', async () => {
  await using first = await host.idle()
  await using second = await host.run({ pid: `container:${first.id.slice(0, 12)}`, command: ['sleep', '1000'] })
  const sleeping = first.exec(['sleep', '2000'], { check: false })
  await sleeping.spawned()
  expect(await shared(first, second)).toEqual(['pid', 'user'])
  const { stdout } = await second.exec(['sh', '-c', 'cat /proc/[0-9]*/cmdline | tr "\\0" " "'])
  expect(stdout).toContain('sleep 2000')
  const { pid } = (await first.processes()).find(({ command }) => command === 'sleep 2000') ?? {}
  await second.exec(['kill', String(pid)])
  expect(await sleeping).toMatchObject({ signal: 'SIGTERM' })
  await first.stop()
  expect(await second.wait()).toMatchObject({ signal: 'SIGKILL' })
})

test('ipc has the other’s shared memory, uts its name', async () => {
  await using first = await host.idle({ hostname: 'first' })
  await using second = await host.idle({ ipc: `container:${first.name}`, uts: `container:${first.name}` })
  expect(await shared(first, second)).toEqual(['ipc', 'uts', 'user'])
  await first.sh('echo seen > /dev/shm/a')
  expect((await second.sh('cat /dev/shm/a; hostname')).stdout).toBe('seen\nfirst\n')
  await second.sh('echo back > /dev/shm/b')
  expect((await first.sh('cat /dev/shm/b')).stdout).toBe('back\n')
})

test('what the other shares with the host is shared with the host', async () => {
  await using first = await host.idle({ uts: 'host' })
  await using second = await host.idle({ uts: `container:${first.id}` })
  expect(await shared(first, second)).toEqual(expect.arrayContaining(['uts']))
})

test('each start looks for the other anew, and fails while it does not run', async () => {
  const first = await host.idle({ hostname: 'again' })
  const second = await host.idle({ uts: `container:${first.id}` })
  await second.stop()
  await first.stop()
  await expect(second.start()).rejects.toMatchObject({ code: 'ERR_CONTAINER_STATE', step: 'join namespaces' })
  await first.start()
  await second.start()
  expect(await shared(first, second)).toEqual(['uts', 'user'])
  await second.remove({ force: true })
  await first.remove({ force: true })
})

test('namespaces of a detached container are shared too', async () => {
  const first = await host.idle({ detached: true })
  await using second = await host.idle({ network: `container:${first.id}` })
  expect(await shared(first, second)).toEqual(expect.arrayContaining(['net']))
  await first.remove({ force: true })
})

test('what cannot be shared is refused before anything exists', async () => {
  await using first = await host.idle()
  const code = (options: object) =>
    host.create(options).then(
      () => 'made',
      (error) => error.code,
    )
  expect(await code({ network: 'container:nobody' })).toBe('ERR_CONTAINER_NOT_FOUND')
  const whose = `container:${first.id}`
  expect(await code({ uts: whose, hostname: 'mine' })).toBe('ERR_INVALID_ARGUMENT')
  expect(await code({ ipc: whose, shmSize: '1m' })).toBe('ERR_INVALID_ARGUMENT')
  expect(await code({ network: whose, extraHosts: { a: '10.0.0.1' } })).toBe('ERR_INVALID_ARGUMENT')
  expect(await code({ network: whose, sysctls: { 'net.ipv4.ip_forward': '1' } })).toBe('ERR_INVALID_ARGUMENT')
  await using other = await host.idle()
  expect(await code({ network: whose, ipc: `container:${other.id}` })).toBe('ERR_UNSUPPORTED')
  await first.stop()
  expect(await code({ network: whose })).toBe('ERR_CONTAINER_STATE')
})
