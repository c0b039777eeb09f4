// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import { chooseSubnet, uniqueLocalSubnet } from '../../../src/network/choose-subnet.js'
import { parseIpv6Routes, parseRoutes } from '../../../src/network/host-routes.js'
import { type NetworkPlanInput, planNetwork } from '../../../src/network/plan-network.js'
import { formatSubnet, overlap, parseSubnet, type Subnet } from '../../../src/network/subnet.js'

const subnet = (text: string): Subnet => parseSubnet(text) as Subnet
const input: NetworkPlanInput = {
  id: 'ab'.repeat(32),
  name: 'blue',
  options: {},
  kind: 'own',
  others: [],
  hostRanges: [],
  createdAt: new Date(0),
}
const plan = (changes: Partial<NetworkPlanInput> = {}) => planNetwork({ ...input, ...changes })

test('without a wish it has the first free range, and the first address of it for its bridge', () => {
  expect(plan()).toEqual({
    version: 1,
    id: input.id,
    name: 'blue',
    bridge: 'tsc-abababababa',
    subnets: [{ subnet: '10.89.0.0/24', gateway: '10.89.0.1' }],
    internal: false,
    ipv6: false,
    isolated: false,
    mtu: 0,
    labels: {},
    createdAt: '1970-01-01T00:00:00.000Z',
  })
  expect(plan({ kind: 'default' }).subnets[0]?.subnet).toBe('172.17.0.0/16')
})

test('what other networks have or the host has routes to is not chosen', () => {
  const others = [{ name: 'red', subnets: [{ subnet: '10.89.0.0/24', gateway: '10.89.0.1' }] }]
  expect(plan({ others }).subnets[0]?.subnet).toBe('10.89.1.0/24')
  expect(plan({ others, hostRanges: [subnet('10.89.0.0/17')] }).subnets[0]?.subnet).toBe('10.89.128.0/24')
  expect(plan({ hostRanges: [subnet('10.0.0.0/8')] }).subnets[0]?.subnet).toBe('192.168.128.0/24')
  expect(plan({ kind: 'default', hostRanges: [subnet('172.16.0.0/12')] }).subnets[0]?.subnet).toBe('10.88.0.0/16')
})

test('when every range is in use that is said', () => {
  const taken = ['10.0.0.0/8', '192.168.0.0/16'].map(subnet)
  expect(() => chooseSubnet({ kind: 'own', taken })).toThrow(
    expect.objectContaining({ code: 'ERR_RESOURCE_EXHAUSTED' }),
  )
})

test('a given range is taken, or refused with who has it', () => {
  expect(plan({ options: { subnet: '10.1.0.0/16', gateway: '10.1.0.254' } }).subnets).toEqual([
    { subnet: '10.1.0.0/16', gateway: '10.1.0.254' },
  ])
  const others = [{ name: 'red', subnets: [{ subnet: '10.1.2.0/24', gateway: '10.1.2.1' }] }]
  expect(() => plan({ options: { subnet: '10.1.0.0/16' }, others })).toThrow(/10\.1\.2\.0\/24 of the network 'red'/)
  expect(() => plan({ options: { subnet: '10.1.0.0/16' }, hostRanges: [subnet('10.1.0.0/24')] })).toThrow(
    expect.objectContaining({ code: 'ERR_SUBNET_IN_USE', option: 'subnet' }),
  )
})

test('IPv6 has a range of its own for each network, or the one that is given', () => {
  const { subnets, ipv6 } = plan({ options: { ipv6: true } })
  expect(ipv6).toBe(true)
  expect(subnets[1]?.subnet).toBe(formatSubnet(uniqueLocalSubnet(input.id)))
  expect(subnets[1]?.subnet).toMatch(/^fd[0-9a-f]{2}:/)
  expect(overlap(uniqueLocalSubnet('a'.repeat(64)), uniqueLocalSubnet('b'.repeat(64)))).toBe(false)
  expect(plan({ options: { subnet: ['fd00:1::/64', '10.1.0.0/24'] } }).subnets.map((s) => s.subnet)).toEqual([
    '10.1.0.0/24',
    'fd00:1::/64',
  ])
})

test.each([
  ['subnet', { subnet: '10.1.0.1/24' }],
  ['subnet', { subnet: '10.1.0.0/31' }],
  ['subnet', { subnet: ['10.1.0.0/24', '10.2.0.0/24'] }],
  ['subnet', { subnet: 'fd00::/64', ipv6: false }],
  ['gateway', { gateway: '10.1.0.1' }],
  ['gateway', { subnet: '10.1.0.0/24', gateway: '10.1.0.255' }],
  ['gateway', { gateway: 'router' }],
  ['mtu', { ipv6: true, mtu: 1000 }],
])('a wrong %s is refused: %o', (option, options) => {
  expect(() => plan({ options })).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', option }))
})

test('routes are read as the kernel writes them', () => {
  const v4 = [
    'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
    'eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0',
    'eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
  ].join('\n')
  expect(parseRoutes(v4).map(formatSubnet)).toEqual(['192.0.2.0/24'])
  const v6 = [
    'fd000000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0',
    '00000000000000000000000000000000 00 00000000000000000000000000000000 00 fd000000000000000000000000000001 00000400 00000002 00000000 00000003     eth0',
  ].join('\n')
  expect(parseIpv6Routes(v6).map(formatSubnet)).toEqual(['fd00::/64'])
})
