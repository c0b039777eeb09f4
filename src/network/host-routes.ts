// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises'
import { parseIpAddress } from './ip-address.js'
import type { Subnet } from './subnet.js'

/** Ranges that mean something on this host already: what it has routes to, and its name servers. Not the default route, which means all. */
export async function hostRanges(): Promise<readonly Subnet[]> {
  const [v4, v6, resolv] = await Promise.all(
    ['/proc/net/route', '/proc/net/ipv6_route', '/etc/resolv.conf'].map((path) =>
      readFile(path, 'utf8').catch(() => ''),
    ),
  )
  return [...parseRoutes(v4 ?? ''), ...parseIpv6Routes(v6 ?? ''), ...nameServers(resolv ?? '')]
}

/** The content of /proc/net/route (proc_pid_net(5)): numbers in the order of the machine's bytes. */
export function parseRoutes(text: string): readonly Subnet[] {
  return text.split('\n').flatMap((line) => {
    const [, destination = '', , , , , , mask = ''] = line.split('\t')
    if (!/^[0-9A-F]{8}$/.test(destination) || !/^[0-9A-F]{8}$/.test(mask)) return []
    const length = swapped(mask).toString(2).replaceAll('0', '').length
    return length === 0 ? [] : [{ family: 4 as const, base: swapped(destination), length }]
  })
}

const swapped = (hex: string): bigint => BigInt(`0x${Buffer.from(hex, 'hex').reverse().toString('hex')}`)

/** The content of /proc/net/ipv6_route: destination and length of the prefix come first. */
export function parseIpv6Routes(text: string): readonly Subnet[] {
  return text.split('\n').flatMap((line) => {
    const [, destination, length] = /^([0-9a-f]{32}) ([0-9a-f]{2}) /.exec(line) ?? []
    if (destination === undefined || length === undefined || length === '00') return []
    const subnet = { family: 6 as const, base: BigInt(`0x${destination}`), length: Number.parseInt(length, 16) }
    return [subnet]
  })
}

function nameServers(text: string): readonly Subnet[] {
  return [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].flatMap(([, address = '']) => {
    const parsed = parseIpAddress(address)
    return parsed ? [{ family: parsed.family, base: parsed.value, length: parsed.family === 4 ? 32 : 128 }] : []
  })
}
