// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { expect } from 'vitest'
import { testNeeding } from '../../support/needs.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
const asRoot = testNeeding('root')

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

asRoot('a port without a number of the host’s has a free one, which leads inside', async () => {
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

asRoot('a port that somebody has is refused, and nothing is left', async () => {
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
  await expect(host.run({ command: server, ports: [`${port}:80`] })).rejects.toMatchObject({ code: 'ERR_PORT_IN_USE' })
  expect(first.hostPort(80)).toBe(port)
})
