// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import { formatIpAddress, parseIpAddress } from '../../../src/network/ip-address.js'
import {
  addressAt,
  contains,
  formatSubnet,
  isHostAddress,
  overlap,
  parseSubnet,
  type Subnet,
} from '../../../src/network/subnet.js'

const subnet = (text: string): Subnet => parseSubnet(text) as Subnet
const address = (text: string) => parseIpAddress(text) as NonNullable<ReturnType<typeof parseIpAddress>>

test.each([
  ['10.1.2.3', '10.1.2.3'],
  ['0.0.0.0', '0.0.0.0'],
  ['255.255.255.255', '255.255.255.255'],
  ['::', '::'],
  ['::1', '::1'],
  ['FD00:0:0:0:0:0:0:2', 'fd00::2'],
  ['2001:db8:0:1:0:0:0:1', '2001:db8:0:1::1'],
  ['::ffff:10.0.0.1', '::ffff:a00:1'],
])('%s is read, and written as %s', (text, usual) => {
  expect(formatIpAddress(address(text))).toBe(usual)
})

test.each(['', '10.1.2', '10.1.2.256', '10.1.2.03', '1::2::3', 'fe80::1%eth0', ' 10.0.0.1', 'localhost'])(
  '%s is no address',
  (text) => {
    expect(parseIpAddress(text)).toBeUndefined()
  },
)

test.each(['10.89.0.0/24', '0.0.0.0/0', '10.0.0.5/32', 'fd00::/64', '::1/128'])('%s is a range', (text) => {
  expect(formatSubnet(subnet(text))).toBe(text)
})

test.each([
  '10.89.0.1/24',
  '10.89.0.0',
  '10.89.0.0/33',
  '10.89.0.0/-1',
  '10.89.0.0/24/8',
  'fd00::1/64',
  'fd00::/129',
  '/24',
])('%s is no range', (text) => {
  expect(parseSubnet(text)).toBeUndefined()
})

test('an address is in its range, and in none of the other family', () => {
  expect(contains(subnet('10.89.0.0/24'), address('10.89.0.255'))).toBe(true)
  expect(contains(subnet('10.89.0.0/24'), address('10.89.1.0'))).toBe(false)
  expect(contains(subnet('::/0'), address('10.89.0.1'))).toBe(false)
})

test('the first and the last address of an IPv4 range are no host’s', () => {
  const range = subnet('10.89.0.0/30')
  const hosts = [0n, 1n, 2n, 3n].filter((index) => isHostAddress(range, addressAt(range, index)))
  expect(hosts).toEqual([1n, 2n])
  expect(isHostAddress(subnet('fd00::/126'), address('fd00::3'))).toBe(true)
})

test('ranges overlap when one has an address of the other', () => {
  expect(overlap(subnet('10.0.0.0/8'), subnet('10.89.0.0/24'))).toBe(true)
  expect(overlap(subnet('10.89.0.0/24'), subnet('10.89.1.0/24'))).toBe(false)
  expect(overlap(subnet('0.0.0.0/0'), subnet('::/0'))).toBe(false)
})
