// SPDX-License-Identifier: Apache-2.0
import { BlockList, isIP } from 'node:net'

/** What is special about a network address: `link` are link-local ones and those where clouds keep the secrets of a machine. */
export type AddressClass = 'loopback' | 'link' | 'other'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addSubnet('0.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')
loopback.addAddress('::', 'ipv6')

const link = new BlockList()
link.addSubnet('169.254.0.0', 16, 'ipv4')
link.addSubnet('fe80::', 10, 'ipv6')
// Metadata services of Amazon (IPv6), Alibaba, Oracle and Azure.
link.addAddress('fd00:ec2::254', 'ipv6')
link.addAddress('100.100.100.200', 'ipv4')
link.addAddress('192.0.0.192', 'ipv4')
link.addAddress('168.63.129.16', 'ipv4')

const metadataNames = new Set(['metadata.google.internal', 'metadata', 'instance-data'])

/** The class of an IP address. */
export function classOfAddress(address: string): AddressClass {
  const plain = address.replace(/%.*$/, '')
  const family = isIP(plain) === 6 ? 'ipv6' : 'ipv4'
  if (loopback.check(plain, family)) return 'loopback'
  return link.check(plain, family) ? 'link' : 'other'
}

/** The class of a URL's host as far as the text tells; null for a name that has to be looked up. */
export function classOfHostname(hostname: string): AddressClass | null {
  const plain = hostname
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase()
  if (isIP(plain) !== 0) return classOfAddress(plain)
  if (plain === 'localhost' || plain.endsWith('.localhost')) return 'loopback'
  return metadataNames.has(plain) ? 'link' : null
}
