// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import { checkName } from '../util/object-name.js'
import { type Check, check, checkOptions, type Shape } from '../util/validate.js'
import { parseIpAddress } from './ip-address.js'

/** A network, by its name or id, or as its handle. */
export type NetworkReference = (string & Record<never, never>) | NetworkIdentity

/** What a network is known by; a `Network` has both. */
export interface NetworkIdentity {
  /** 64 hex digits. */
  readonly id: string
  /** Unique in its engine. */
  readonly name: string
}

/** A container's place on a network. */
export interface NetworkAttachment {
  /** Which one: name, id or handle. */
  readonly network: NetworkReference
  /** What it is called there beside its name and its host name. */
  readonly aliases?: readonly string[] | undefined
  /** Addresses that it is to have, one for each family; free ones are chosen where they are missing. */
  readonly ip?: string | readonly string[] | undefined
  /** The hardware address of its link there: `'02:42:ac:11:00:02'`; made of its address by default. */
  readonly mac?: string | undefined
}

/** A network, or a place on it. */
export type NetworkChoice = NetworkReference | NetworkAttachment

/** What containers say of themselves in the name of their own network, and what means another one's. */
const notNetworks = /^(none|host|container:.*)$/

const address: Check = (value, option) => {
  if (typeof value !== 'string' || !parseIpAddress(value))
    throw invalidArgument(option, `${quoted(value)} is not an address`)
}
const hostName = check.matching(/^[a-zA-Z0-9_]([a-zA-Z0-9_.-]{0,61}[a-zA-Z0-9_])?$/, 'a name of at most 63 characters')
const reference: Check = (value, option) => {
  if (typeof value === 'object' && value !== null) checkName(Reflect.get(value, 'id'), `${option}.id`)
  else checkName(value, option)
}
/** What a place can say beside its network. */
export const connectOptionsShape: Shape<Omit<NetworkAttachment, 'network'>> = {
  aliases: check.arrayOf(hostName, 1024),
  ip: (value, option) => {
    if (Array.isArray(value)) check.arrayOf(address, 2)(value, option)
    else address(value, option)
  },
  mac: check.matching(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i, 'six bytes such as 02:42:ac:11:00:02'),
}

const attachmentShape: Shape<NetworkAttachment> = { network: check.required(reference), ...connectOptionsShape }

/** Refuses what is no network and no place on one. */
export const checkNetworkChoice: Check = (value, option) => {
  if (typeof value === 'object' && value !== null && 'network' in value) checkOptions(value, attachmentShape, option)
  else reference(value, option)
}

/** The places on networks that the option of a container asks for; none for `'none'`, `'host'` and another container's network. */
export function attachmentsOf(
  option: NetworkChoice | readonly NetworkChoice[] | undefined,
): readonly NetworkAttachment[] {
  if (option === undefined || (typeof option === 'string' && notNetworks.test(option))) return []
  const choices = Array.isArray(option) ? (option as readonly NetworkChoice[]) : [option as NetworkChoice]
  return choices.map((choice) =>
    typeof choice === 'object' && 'network' in choice ? choice : { network: choice as NetworkReference },
  )
}
