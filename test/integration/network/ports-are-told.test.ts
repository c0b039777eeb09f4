// SPDX-License-Identifier: Apache-2.0

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { Ready } from '../../../src/index.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
const server = [
  'perl',
  '-MIO::Socket::INET',
  '-e',
  `
  my $s = IO::Socket::INET->new(LocalAddr => '0.0.0.0', LocalPort => 80, Listen => 5, ReuseAddr => 1) or die;
  while (my $c = $s->accept) { print $c "hello\\n"; close $c }`,
]

const answer = async (port: number): Promise<string> => {
  const socket = connect(port, '127.0.0.1')
  const chunks: string[] = []
  for await (const chunk of socket) chunks.push(String(chunk))
  return chunks.join('')
}

test('a port without a number of the host’s has a free one, which leads inside', async () => {
  await using box = await host.run({ command: server, ports: [80] })
  expect(box.ports).toEqual([{ container: 80, host: expect.any(Number), address: '127.0.0.1', protocol: 'tcp' }])
  expect(box.hostPort(80)).toBe(box.ports[0]?.host)
  await expect.poll(() => answer(box.hostPort(80)).catch(() => '')).toBe('hello\n')
  expect(() => box.hostPort(81)).toThrow(expect.objectContaining({ code: 'ERR_PORT_NOT_PUBLISHED' }))
  expect((await box.inspect()).ports).toEqual(box.ports)
  const before = box.hostPort(80)
  await box.restart()
  expect(box.hostPort(80)).toBe(before)
  await expect.poll(() => answer(before).catch(() => '')).toBe('hello\n')
})

test('a port that somebody has is refused, and nothing is left', async () => {
  const taker = createServer().listen(0, '127.0.0.1')
  await once(taker, 'listening')
  const { port } = taker.address() as { port: number }
  await expect(host.run({ command: server, ports: [`${port}:80`] })).rejects.toMatchObject({
    code: 'ERR_PORT_IN_USE',
    message: expect.stringContaining(String(port)),
  })
  taker.close()
  await once(taker, 'close')
  await using first = await host.run({ command: server, ports: [`${port}:80`] })
  for (const address of ['127.0.0.1', '0.0.0.0'])
    await expect(host.run({ command: server, ports: [`${address}:${port}:80`] })).rejects.toMatchObject({
      code: 'ERR_PORT_IN_USE',
      message: expect.stringContaining(`'${first.name}'`),
    })
  expect(first.hostPort(80)).toBe(port)
})

const echo = [
  'perl',
  '-MIO::Socket::INET',
  '-e',
  `
  my $s = IO::Socket::INET->new(LocalAddr => '0.0.0.0', LocalPort => 7, Proto => 'udp') or die;
  while ($s->recv(my $m, 65535)) { $s->send("heard $m") }`,
]

test('datagrams go in and come back', async () => {
  await using box = await host.run({ command: echo, ports: ['7/udp'] })
  const asker = createSocket('udp4').bind()
  await once(asker, 'listening')
  const answers: string[] = []
  asker.on('message', (message) => answers.push(String(message)))
  await expect
    .poll(() => {
      asker.send('you', box.hostPort(7, 'udp'), '127.0.0.1')
      return answers[0]
    })
    .toBe('heard you')
  asker.close()
})

test('what is large arrives whole, both ways, and a slow reader holds the writer back', async () => {
  const command = [
    'perl',
    '-MIO::Socket::INET',
    '-e',
    `
    $SIG{PIPE} = 'IGNORE';
    my $s = IO::Socket::INET->new(LocalAddr => '0.0.0.0', LocalPort => 80, Listen => 5) or die;
    while (my $c = $s->accept) { my $n = 0; $n += length while sysread $c, $_, 65536; print $c "$n\n", 'x' x 8_000_000; close $c }`,
  ]
  await using box = await host.run({ command, ports: [80], ready: Ready.port(80) })
  const socket = connect({ port: box.hostPort(80), host: '127.0.0.1', allowHalfOpen: true })
  socket.end(Buffer.alloc(20_000_000))
  let bytes = 0
  let head = ''
  for await (const chunk of socket) {
    if (head.length < 10) head += String(chunk).slice(0, 10)
    bytes += chunk.length
  }
  expect(head).toMatch(/^20000000\n/)
  expect(bytes).toBe(8_000_009)
})

test('::1 leads inside where it is asked for', async () => {
  await using box = await host.run({ command: server, ports: ['[::1]::80'], ready: Ready.port(80) })
  const chunks: string[] = []
  for await (const chunk of connect(box.hostPort(80), '::1')) chunks.push(String(chunk))
  expect(chunks.join('')).toBe('hello\n')
})
