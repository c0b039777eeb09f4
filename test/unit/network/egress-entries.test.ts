// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import { checkEgress, egressMessage, parseEgressEntry } from '../../../src/network/egress.js'

test.each([
  ['api.example.com', { name: 'api.example.com' }],
  ['API.Example.com.', { name: 'api.example.com' }],
  ['api.example.com:443', { name: 'api.example.com', port: 443, protocol: 'tcp' }],
  ['time.example.com:123/udp', { name: 'time.example.com', port: 123, protocol: 'udp' }],
  ['*.example.com', { name: 'example.com', below: true }],
  ['*.example.com:8443/tcp', { name: 'example.com', below: true, port: 8443, protocol: 'tcp' }],
  ['xn--bcher-kva.example', { name: 'xn--bcher-kva.example' }],
  ['192.0.2.7', { range: '192.0.2.7/32' }],
  ['192.0.2.7:53/udp', { range: '192.0.2.7/32', port: 53, protocol: 'udp' }],
  ['10.0.0.0/8', { range: '10.0.0.0/8' }],
  ['10.0.0.0/8:5432', { range: '10.0.0.0/8', port: 5432, protocol: 'tcp' }],
  ['0.0.0.0/0', { range: '0.0.0.0/0' }],
  ['2001:db8::7', { range: '2001:db8::7/128' }],
  ['2001:DB8::/32', { range: '2001:db8::/32' }],
  ['[2001:db8::7]', { range: '2001:db8::7/128' }],
  ['[2001:db8::7]:443', { range: '2001:db8::7/128', port: 443, protocol: 'tcp' }],
  ['[2001:db8::/32]:53/udp', { range: '2001:db8::/32', port: 53, protocol: 'udp' }],
  ['host.containers.internal:8080', { name: 'host.containers.internal', port: 8080, protocol: 'tcp' }],
])('%s', (text, entry) => {
  expect(parseEgressEntry(text, 'egress')).toEqual(entry)
})

test.each([
  'https://api.example.com',
  'api.example.com/path',
  'api.example.com:',
  'api.example.com:https',
  'api.example.com:443/',
  'api.example.com:443/icmp',
  'user@example.com',
  'example..com',
  'example-.com',
  `${'a'.repeat(64)}.example`,
  `${'a.'.repeat(127)}example`,
  'bücher.example',
  'a b.example',
  '*.',
  '**.example.com',
  '10.0.0.1/8',
  '10.0.0',
  '[192.0.2.7]:80',
  '[2001:db8::7',
  '2001:db8::7%eth0',
  'registry',
  0,
  null,
])('%j is none', (text) => {
  expect(() => parseEgressEntry(text, 'egress.allow[3]')).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', option: 'egress.allow[3]' }),
  )
})

test('a policy is its entries, and nothing else', () => {
  expect(egressMessage({ allow: [] })).toEqual({ allow: [] })
  for (const value of [{}, { allow: 'a.example' }, { allow: [], deny: [] }, [], null])
    expect(() => checkEgress(value, 'egress')).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }))
})
