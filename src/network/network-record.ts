// SPDX-License-Identifier: Apache-2.0
import { quoted } from '../errors/printable.js'
import { isTexts, parseJson } from '../store/record-file.js'
import { corruptFile } from '../store/store-failure.js'
import { isId } from '../util/random-id.js'
import { checkEgress, type EgressOptions } from './egress.js'
import { parseIpAddress } from './ip-address.js'
import { isHostAddress, parseSubnet } from './subnet.js'

/** A range of addresses of a network, and the one that its bridge has there. */
export interface NetworkSubnet {
  /** `10.89.0.0/24` */
  readonly subnet: string
  /** The address of the host there; of a macvlan, where its members' way out is. */
  readonly gateway: string
  /** The part of it that free addresses are chosen from; all of it where it is missing. */
  readonly range?: string
}

/** How members of a network are neighbours of a link of the host's. */
export interface MacvlanRecord {
  /** The link. */
  readonly parent: string
  /** Whether members hear each other. */
  readonly mode: MacvlanMode
}

/** Whether members hear each other: at once (`bridge`), never (`private`), by a switch that sends it back (`vepa`); `passthru`: one member has the link. */
export type MacvlanMode = 'bridge' | 'private' | 'vepa' | 'passthru'

/** The content of `networks/<name>/network.json`. */
export interface NetworkRecord {
  readonly version: 1
  readonly id: string
  readonly name: string
  /** The link of the host that its members are behind. */
  readonly bridge: string
  readonly subnets: readonly NetworkSubnet[]
  /** Nothing goes out, and nothing comes in. */
  readonly internal: boolean
  readonly ipv6: boolean
  /** Its members do not reach each other. */
  readonly isolated: boolean
  /** Of members without one of their own; without it they reach everything. */
  readonly egress?: EgressOptions | undefined
  /** How often it was changed. */
  readonly egressVersion?: number | undefined
  /** 0: what the kernel takes. */
  readonly mtu: number
  /** Of the driver macvlan. */
  readonly macvlan?: MacvlanRecord
  readonly labels: Readonly<Record<string, string>>
  /** RFC 3339. */
  readonly createdAt: string
}

/** Reads a record. ERR_STORE_CORRUPT for what is none: the network is left alone by everything but people. */
export function parseNetworkRecord(data: Uint8Array, { name, path }: { name: string; path: string }): NetworkRecord {
  const value = parseJson(data)
  const problem = problemOf(value, name)
  if (problem !== undefined)
    throw corruptFile(path, problem, { hint: 'remove its directory: a network is nothing but this record' })
  return value as NetworkRecord
}

function problemOf(value: unknown, name: string): string | undefined {
  if (typeof value !== 'object' || value === null) return 'it is no JSON object'
  const { version, name: own, id, bridge, subnets, labels, createdAt, ...rest } = value as Record<string, unknown>
  if (version !== 1) return `its version is ${quoted(version)}`
  if (own !== name) return `it is of the network ${quoted(own)}`
  const fits =
    typeof id === 'string' &&
    isId(id) &&
    typeof bridge === 'string' &&
    Array.isArray(subnets) &&
    subnets.length > 0 &&
    subnets.every(isSubnet) &&
    [rest.internal, rest.ipv6, rest.isolated].every((flag) => typeof flag === 'boolean') &&
    Number.isSafeInteger(rest.mtu) &&
    isMacvlan(rest.macvlan) &&
    (rest.egress === undefined || isEgress(rest.egress)) &&
    (rest.egressVersion === undefined || Number.isSafeInteger(rest.egressVersion)) &&
    isTexts(labels) &&
    typeof createdAt === 'string' &&
    !Number.isNaN(Date.parse(createdAt))
  return fits ? undefined : 'a member is missing or of the wrong type'
}

function isMacvlan(value: unknown): boolean {
  if (value === undefined) return true
  if (typeof value !== 'object' || value === null) return false
  return ['parent', 'mode'].every((key) => typeof Reflect.get(value, key) === 'string')
}

function isEgress(value: unknown): boolean {
  try {
    checkEgress(value, 'egress')
    return true
  } catch {
    return false
  }
}

function isSubnet(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { subnet, gateway, range: part } = value as Record<string, unknown>
  if (part !== undefined && (typeof part !== 'string' || !parseSubnet(part))) return false
  const range = typeof subnet === 'string' ? parseSubnet(subnet) : undefined
  const address = typeof gateway === 'string' ? parseIpAddress(gateway) : undefined
  return range !== undefined && address !== undefined && isHostAddress(range, address)
}
