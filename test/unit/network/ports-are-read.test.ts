// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import { type PortSpec, parsePorts } from '../../../src/network/port-spec.js'

const text = (specs: readonly PortSpec[]): readonly string[] =>
  parsePorts(specs).map(({ address, host, container, protocol }) => `${address} ${host} ${container}/${protocol}`)

test.each<[PortSpec, readonly string[]]>([
  [3000, ['127.0.0.1 0 3000/tcp']],
  ['3000', ['127.0.0.1 0 3000/tcp']],
  ['53/udp', ['127.0.0.1 0 53/udp']],
  ['8080:80', ['127.0.0.1 8080 80/tcp']],
  [':80', ['127.0.0.1 0 80/tcp']],
  ['0.0.0.0:8080:80/sctp', ['0.0.0.0 8080 80/sctp']],
  ['127.0.0.1::5432/tcp', ['127.0.0.1 0 5432/tcp']],
  ['[::1]:8080:80', ['::1 8080 80/tcp']],
  ['[::]::80', [':: 0 80/tcp']],
  ['8000-8002:80-82', ['127.0.0.1 8000 80/tcp', '127.0.0.1 8001 81/tcp', '127.0.0.1 8002 82/tcp']],
  ['80-81', ['127.0.0.1 0 80/tcp', '127.0.0.1 0 81/tcp']],
  [{ container: 53, protocol: 'udp' }, ['127.0.0.1 0 53/udp']],
  [{ container: 80, host: 8080, address: '192.0.2.1' }, ['192.0.2.1 8080 80/tcp']],
])('%o', (spec, ports) => {
  expect(text([spec])).toEqual(ports)
})

test.each<[unknown, string]>([
  [65_536, 'ports[0]'],
  [0, 'ports[0]'],
  [1.5, 'ports[0]'],
  ['', 'ports[0]'],
  ['65536:80', 'ports[0]'],
  ['80:', 'ports[0]'],
  ['a:80', 'ports[0]'],
  ['80/icmp', 'ports[0]'],
  ['82-80', 'ports[0]'],
  ['8000-8001:80', 'ports[0]'],
  ['host:80:80', 'ports[0]'],
  ['::1:80:80', 'ports[0]'],
  ['[fe80::1%eth0]:80:80', 'ports[0]'],
  [{ container: 80, protocol: 'icmp' }, 'ports[0].protocol'],
  [{ container: 80, hots: 1 }, 'ports[0].hots'],
  [{ host: 80 }, 'ports[0].container'],
  [{ container: 80, address: 'localhost' }, 'ports[0].address'],
  [{ container: 80, shared: 'web' }, 'ports[0].shared'],
  [{ container: 80, host: 8080, shared: 'no name' }, 'ports[0].shared'],
  [null, 'ports[0]'],
])('%o is refused', (spec, option) => {
  expect(() => parsePorts([spec as PortSpec])).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', option }),
  )
})

test('one port of the host is given once', () => {
  expect(() => parsePorts(['8080:80', '8080:81'])).toThrow(/port 8080\/tcp of 127\.0\.0\.1 is asked for twice/)
  expect(text(['8080:80', '8080:80/udp', 80, 80])).toHaveLength(4)
})
