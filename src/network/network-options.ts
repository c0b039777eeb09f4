// SPDX-License-Identifier: Apache-2.0
import { checkName } from '../util/object-name.js'
import { type Check, check, type Shape } from '../util/validate.js'
import { checkEgress, type EgressOptions } from './egress.js'
import type { MacvlanMode } from './network-record.js'

/** How to make a network. */
export interface NetworkCreateOptions {
  /** 1 to 128 letters, digits, underscores, points and hyphens; made up where it is missing. `none`, `host` and `bridge` are taken. */
  readonly name?: string | undefined
  /**
   * `'bridge'`, the default: a network of the host's own. `'macvlan'`: its members are neighbours of a link of the host's, with addresses
   * of the network that it is in; as root.
   */
  readonly driver?: 'bridge' | 'macvlan' | undefined
  /** Of macvlan: the link of the host (`'eth0'`). */
  readonly parent?: string | undefined
  /** Of macvlan: whether its members hear each other; `'bridge'` by default. */
  readonly mode?: MacvlanMode | undefined
  /** Ranges of addresses, one for each family: `'10.90.0.0/24'`; chosen where they are missing, beside what the host has routes to. */
  readonly subnet?: string | readonly string[] | undefined
  /** The parts of these that free addresses are chosen from, such as what a DHCP server leaves; all by default. */
  readonly ipRange?: string | readonly string[] | undefined
  /** The address of its bridge in each of them (of macvlan: the way out); the first one by default. */
  readonly gateway?: string | readonly string[] | undefined
  /** Whether nothing goes out of it and nothing comes in; false by default. */
  readonly internal?: boolean | undefined
  /** Whether its members have IPv6 addresses too; false by default, unless such a subnet is given. */
  readonly ipv6?: boolean | undefined
  /** Whether its members do not reach each other, but only what is outside; false by default. */
  readonly isolated?: boolean | undefined
  /** What its members may reach outside, unless they have a policy of their own; everything by default. `update` changes it. */
  readonly egress?: EgressOptions | undefined
  /** The largest packet, in bytes: 68 to 65535, with IPv6 from 1280; what the kernel takes by default. */
  readonly mtu?: number | undefined
  /** Anything; nothing happens because of them. */
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** Aborted before: nothing happens. */
  readonly signal?: AbortSignal | undefined
}

/** Which networks to list; all that is given has to hold. */
export interface NetworkFilter {
  /** Labels that it has, with these values. */
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** Aborted: the promise rejects with the reason. */
  readonly signal?: AbortSignal | undefined
}

/** Which networks to remove. Those with a member stay in any case, and the default one. */
export interface PruneNetworksOptions {
  /** Only those that have these labels, with these values. */
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** Only those that were made before. */
  readonly until?: Date | undefined
  /** Aborted: what is removed stays removed, and the promise rejects with the reason. */
  readonly signal?: AbortSignal | undefined
}

const name: Check = (value, option) => void checkName(value, option)
const labels = check.recordOf(check.string)
const texts = check.anyOf('a text or an array of texts', check.nonEmptyString, check.arrayOf(check.nonEmptyString, 2))

export const createNetworkShape: Shape<NetworkCreateOptions> = {
  name,
  driver: check.oneOf('bridge', 'macvlan'),
  parent: check.matching(/^[a-zA-Z0-9_.-]{1,15}$/, 'the name of a link'),
  mode: check.oneOf('bridge', 'private', 'vepa', 'passthru'),
  subnet: texts,
  ipRange: texts,
  gateway: texts,
  internal: check.boolean,
  ipv6: check.boolean,
  isolated: check.boolean,
  egress: checkEgress,
  mtu: check.integer({ min: 68, max: 65_535 }),
  labels,
  signal: check.signal,
}
export const networkFilterShape: Shape<NetworkFilter> = { labels, signal: check.signal }
export const pruneNetworksShape: Shape<PruneNetworksOptions> = { labels, until: check.date, signal: check.signal }
