// SPDX-License-Identifier: Apache-2.0
import { bitsOf, formatIpAddress, type IpAddress, parseIpAddress } from './ip-address.js'

/** A range of addresses: `10.89.0.0/24`. */
export interface Subnet {
  readonly family: 4 | 6
  /** Its first address. */
  readonly base: bigint
  /** How many bits all its addresses share. */
  readonly length: number
}

/** Undefined for what is no range, or names an address within one: `10.89.0.1/24`. */
export function parseSubnet(text: string): Subnet | undefined {
  const [, address = '', digits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? []
  const parsed = parseIpAddress(address)
  const length = Number(digits)
  if (!parsed || length > bitsOf(parsed.family)) return undefined
  const subnet = { family: parsed.family, base: parsed.value, length }
  return parsed.value % sizeOf(subnet) === 0n ? subnet : undefined
}

/** How many addresses it has. */
export function sizeOf({ family, length }: Pick<Subnet, 'family' | 'length'>): bigint {
  return 1n << BigInt(bitsOf(family) - length)
}

export function contains(subnet: Subnet, { family, value }: IpAddress): boolean {
  return subnet.family === family && value >= subnet.base && value < subnet.base + sizeOf(subnet)
}

export function overlap(one: Subnet, other: Subnet): boolean {
  if (one.family !== other.family) return false
  return one.base < other.base + sizeOf(other) && other.base < one.base + sizeOf(one)
}

/** Whether a host of it may have that address: in IPv4 its first and its last one mean the subnet itself, and everybody in it. */
export function isHostAddress(subnet: Subnet, address: IpAddress): boolean {
  if (!contains(subnet, address) || address.value === subnet.base) return false
  return subnet.family === 6 || address.value !== subnet.base + sizeOf(subnet) - 1n
}

/** The address at that place in it; the first one is at 0. */
export function addressAt(subnet: Subnet, index: bigint): IpAddress {
  return { family: subnet.family, value: subnet.base + index }
}

export function formatSubnet(subnet: Subnet): string {
  return `${formatIpAddress({ family: subnet.family, value: subnet.base })}/${subnet.length}`
}
