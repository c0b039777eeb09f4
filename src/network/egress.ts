// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import type { EgressEntryMessage, EgressMessage } from '../native/network-messages.js'
import { type Check, check } from '../util/validate.js'
import { bitsOf, formatIpAddress, parseIpAddress } from './ip-address.js'
import { formatSubnet, parseSubnet } from './subnet.js'

/** What may be reached outside of the networks that a container is on; everything else is refused. */
export interface EgressOptions {
  /**
   * Names, addresses and ranges of addresses, at most 1024; none: nothing is reached. `'api.example.com'`, on every port, `'api.example.com:443'`
   * over TCP, `'time.example.com:123/udp'`; `'*.example.com'` are the names below that one, and not itself. `'192.0.2.7'`,
   * `'10.0.0.0/8'`, `'10.0.0.0/8:443'`, `'2001:db8::/32'`, `'[2001:db8::7]:443'`. `'host.containers.internal:8080'` is the host.
   */
  readonly allow: readonly string[]
}

const mostEntries = 1024
const longestName = 253
const port = String.raw`(?::(\d{1,5})(?:/(tcp|udp|sctp))?)?`
const bracketed = new RegExp(String.raw`^\[([^\[\]]+)\]${port}$`)
const plain = new RegExp(String.raw`^([^:\[\]]+)${port}$`)
const label = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/

/** One entry, for the supervisor. ERR_INVALID_ARGUMENT names `option`. */
export function parseEgressEntry(text: unknown, option: string): EgressEntryMessage {
  if (typeof text !== 'string') throw unreadable(text, option)
  const whole = rangeOf(text)
  if (whole !== undefined) return { range: whole }
  const inBrackets = bracketed.exec(text)
  const parts = inBrackets ?? plain.exec(text)
  if (!parts) throw unreadable(text, option)
  const [, host = '', number, protocol = 'tcp'] = parts
  const where = number === undefined ? {} : { port: portOf(number, option), protocol: protocol as 'tcp' }
  const range = rangeOf(host)
  if (range !== undefined && (inBrackets !== null) === range.includes(':')) return { range, ...where }
  if (inBrackets || host.includes('/')) throw noRange(host, option)
  return { ...nameOf(host, option), ...where }
}

/** A range, and an address as a range of its own; undefined for what is neither. */
function rangeOf(text: string): string | undefined {
  const subnet = parseSubnet(text)
  if (subnet) return formatSubnet(subnet)
  const address = parseIpAddress(text)
  return address && `${formatIpAddress(address)}/${bitsOf(address.family)}`
}

function portOf(text: string, option: string): number {
  const number = Number(text)
  if (number >= 1 && number <= 65_535) return number
  throw invalidArgument(option, `${text} is no port`, 'ports are 1 to 65535; leave it out for all of them')
}

function nameOf(text: string, option: string): { readonly name: string; readonly below?: true } {
  const below = text.startsWith('*.')
  const name = (below ? text.slice(2) : text).replace(/\.$/, '').toLowerCase()
  const labels = name.split('.')
  if (name.length > longestName || !labels.every((one) => label.test(one)) || /^\d+$/.test(labels.at(-1) ?? ''))
    throw unreadable(text, option)
  if (labels.length === 1 && !below)
    throw invalidArgument(
      option,
      `${quoted(text)} has no dot, and is asked of nobody outside`,
      'containers of the same network need no entry',
    )
  return { name, ...(below && { below }) }
}

const noRange = (text: string, option: string): Error =>
  invalidArgument(option, `${quoted(text)} is no range of addresses`, "its first address and its bits: '10.0.0.0/8'")

const unreadable = (text: unknown, option: string): Error =>
  invalidArgument(
    option,
    `${quoted(text)} is no name, address or range`,
    "such as 'api.example.com:443', '*.example.com', '10.0.0.0/8', '[2001:db8::7]:443' or 'time.example.com:123/udp'",
  )

const entry: Check = (value, option) => void parseEgressEntry(value, option)

/** Refuses what is no policy. */
export const checkEgress: Check = check.object<EgressOptions>({
  allow: check.required(check.arrayOf(entry, mostEntries)),
})

/** The same where null takes a policy away. */
export const checkEgressChange: Check = (value, option) => {
  if (value !== null) checkEgress(value, option)
}

/** As the supervisor has it. */
export function egressMessage({ allow }: EgressOptions): EgressMessage {
  return { allow: allow.map((text) => parseEgressEntry(text, 'egress.allow')) }
}
