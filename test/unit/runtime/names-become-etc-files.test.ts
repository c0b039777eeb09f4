// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import { etcFiles } from '../../../src/runtime/etc-files.js'

const network = { search: ['example.org'], host: '10.0.0.1' }

test('a name has all of its addresses, and the gateway is the host', () => {
  const extraHosts = { both: ['10.0.0.7', 'fd00::7'], host: 'host-gateway' }
  const { hosts } = etcFiles('box', { extraHosts }, {}, network)
  expect(hosts?.split('\n').slice(-4)).toEqual(['10.0.0.7\tboth', 'fd00::7\tboth', '10.0.0.1\thost', ''])
})

test('in the network of the host the host is itself', () => {
  const { hosts } = etcFiles('box', { extraHosts: { host: 'host-gateway' } }, { hosts: '127.0.0.1\tlocalhost\n' })
  expect(hosts).toContain('127.0.0.1\thost\n')
})

test('who is on no network that reaches the host has no gateway', () => {
  expect(() => etcFiles('box', { extraHosts: { host: 'host-gateway' } }, {})).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', option: 'extraHosts.host' }),
  )
})

test('options of resolv.conf stand beside the engine’s, and ndots in the place of its own', () => {
  const options = (dnsOptions?: readonly string[]) =>
    etcFiles('box', { dnsOptions }, {}, network)['resolv.conf']?.split('\n').at(-2)
  expect(options()).toBe('options ndots:0')
  expect(options(['timeout:1'])).toBe('options ndots:0 timeout:1')
  expect(options(['ndots:2', 'rotate'])).toBe('options ndots:2 rotate')
})
