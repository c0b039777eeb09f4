// SPDX-License-Identifier: Apache-2.0
import { isIPv4, isIPv6 } from 'node:net'

/** An IP address as a number: 32 or 128 bits. */
export interface IpAddress {
  readonly family: 4 | 6
  readonly value: bigint
}

/** How many bits an address of that family has. */
export const bitsOf = (family: IpAddress['family']): number => (family === 4 ? 32 : 128)

/** Undefined for what is no address, or has a zone (`%eth0`), which means something on one machine only. */
export function parseIpAddress(text: string): IpAddress | undefined {
  if (isIPv4(text)) return { family: 4, value: text.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n) }
  return isIPv6(text) && !text.includes('%') ? { family: 6, value: parseIpv6(text) } : undefined
}

function parseIpv6(text: string): bigint {
  const [head = '', tail] = withoutDots(text).split('::')
  const before = groupsOf(head)
  const after = groupsOf(tail ?? '')
  const missing = tail === undefined ? 0 : 8 - before.length - after.length
  const groups = [...before, ...Array<bigint>(missing).fill(0n), ...after]
  return groups.reduce((sum, group) => sum * 65_536n + group, 0n)
}

function groupsOf(text: string): readonly bigint[] {
  return text === '' ? [] : text.split(':').map((group) => BigInt(`0x${group}`))
}

// ::ffff:10.0.0.1 and its like.
function withoutDots(text: string): string {
  const at = text.lastIndexOf(':') + 1
  const last = text.slice(at)
  if (!last.includes('.')) return text
  const value = parseIpAddress(last)?.value ?? 0n
  return `${text.slice(0, at)}${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`
}

/** In the usual form; for IPv6 that of RFC 5952. */
export function formatIpAddress({ family, value }: IpAddress): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.')
  const digits = value.toString(16).padStart(32, '0')
  const groups = digits.match(/.{4}/g) ?? []
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
}
