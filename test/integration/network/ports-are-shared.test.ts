// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import type { ContainerOptions } from '../../../src/index.js'
import { testNeeding } from '../../support/needs.js'
import { seenFromHost } from '../../support/network-peers.js'
import { slow } from '../../support/slow.js'
import { useTestEngine } from '../../support/test-engine.js'

const engine = useTestEngine()

// Tells its host name to who connects, unless it is told to be sick.
const server = `$| = 1; my $s = IO::Socket::IP->new(LocalHost => "0.0.0.0", LocalPort => 80, Listen => 64, ReuseAddr => 1) or die $@;
chomp(my $h = qx(hostname)); print "listening\\n"; while (1) { my $p = $s->accept or next; print $p $h; close $p }`

const serving = (name: string, port: number, options: ContainerOptions = {}): ContainerOptions => ({
  name,
  hostname: name,
  command: ['perl', '-MIO::Socket::IP', '-e', server],
  ports: [{ container: 80, host: port, shared: 'web' }],
  stopTimeoutMs: 100,
  ...options,
})
const listens = async (name: string, port: number, options: ContainerOptions = {}) => {
  const container = await engine.run(serving(name, port, options))
  for await (const { line } of container.logs({ follow: true })) if (line === 'listening') break
  return container
}
const answers = async (port: number, count = 40): Promise<readonly string[]> => {
  const all = new Set<string>()
  for (let i = 0; i < count; i++) all.add(await seenFromHost('127.0.0.1', port))
  return [...all].sort()
}
const freePort = async (): Promise<number> => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as { port: number }
  taken.close()
  await once(taken, 'close')
  return port
}

test('a port is answered by all who share it and are well, and given to nobody else', async () => {
  const port = await freePort()
  const check = { test: ['CMD', 'test', '-e', '/tmp/well'], intervalMs: 50, retries: 1 }
  const one = await listens('one', port)
  const two = await listens('two', port, { healthcheck: check })
  expect(await answers(port)).toEqual(['one'])
  await two.fs.writeFile('/tmp/well', '')
  await expect.poll(() => two.health).toBe('healthy')
  expect(await answers(port)).toEqual(['one', 'two'])
  await one.stop()
  expect(await answers(port)).toEqual(['two'])
  // Nobody is well: better an answer than none.
  await two.fs.rm('/tmp/well')
  await expect.poll(() => two.health).toBe('unhealthy')
  expect(await answers(port)).toEqual(['two'])
  await one.start()
  await expect.poll(() => seenFromHost('127.0.0.1', port)).toBe('one')
  expect(await answers(port)).toEqual(['one'])

  for (const shared of ['other', undefined]) {
    const ports = [{ container: 80, host: port, ...(shared && { shared }) }]
    await expect(engine.run(serving('late', port, { ports }))).rejects.toMatchObject({ code: 'ERR_PORT_IN_USE' })
  }
  await one.remove({ force: true })
  await two.remove({ force: true })
  expect(await answers(port, 2)).toEqual(['refused'])

  const taken = createServer().listen(port, '127.0.0.1')
  await once(taken, 'listening')
  await expect(engine.run(serving('late', port))).rejects.toMatchObject({ code: 'ERR_PORT_IN_USE' })
  taken.close()
})

test('datagrams of one sender go to one container', async () => {
  const port = await freePort()
  const echo = `$| = 1; my $s = IO::Socket::IP->new(LocalHost => "0.0.0.0", LocalPort => 80, Proto => "udp") or die $@;
  chomp(my $h = qx(hostname)); print "listening\\n"; while (1) { $s->recv(my $d, 99); $s->send($h) }`
  const options = {
    command: ['perl', '-MIO::Socket::IP', '-e', echo],
    ports: [{ container: 80, host: port, protocol: 'udp', shared: 'echo' }],
  } as const
  await listens('a', port, options)
  await listens('b', port, options)
  const ask = `for (1 .. 24) { my $s = IO::Socket::IP->new(PeerHost => "127.0.0.1", PeerPort => ${port}, Proto => "udp");
  for (1 .. 3) { $s->send("x"); $s->recv(my $d, 99); print $d } print "\\n" }`
  const client = await engine.run({ network: 'host', idle: true })
  const { stdout } = await client.exec(['perl', '-MIO::Socket::IP', '-e', ask], { timeoutMs: 20_000 * slow })
  expect([...new Set(stdout.trim().split('\n'))].sort()).toEqual(['aaa', 'bbb'])
})

testNeeding('root')('detached containers share one, too, each kept by a process of its own', async () => {
  const port = await freePort()
  const kept = await Promise.all(['first', 'second'].map((name) => listens(name, port, { detached: true })))
  expect(await answers(port)).toEqual(['first', 'second'])
  await kept[0]?.kill('SIGKILL')
  await kept[0]?.wait()
  expect(await answers(port)).toEqual(['second'])
})
