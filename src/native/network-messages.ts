// SPDX-License-Identifier: Apache-2.0
// Networks as docs/protocol.md has them. Addresses are text; the supervisor checks them again.

/** What may be reached: on every port of every protocol where there is none. */
export type EgressEntryMessage = (
  | { readonly name: string /** The names below it. */; readonly below?: boolean }
  | { readonly range: string }
) & { readonly port?: number; readonly protocol?: 'tcp' | 'udp' | 'sctp' }

export interface EgressMessage {
  readonly allow: readonly EgressEntryMessage[]
}

export interface NetworkArguments {
  readonly id: string
  /** Name of the link, at most 15 characters. */
  readonly bridge: string
  /** The gateway is the host's own address on the bridge. */
  readonly subnets: readonly { readonly subnet: string; readonly gateway: string; readonly range?: string }[]
  /** Bytes; 0 or missing: the kernel's. */
  readonly mtu?: number
  /** Nothing goes out, and nothing comes in. */
  readonly internal?: boolean
  readonly ipv6?: boolean
  /** Its members do not reach each other. */
  readonly isolated?: boolean
  /** Its members are neighbours of this link of the host; there is no bridge then. */
  readonly macvlan?: { readonly parent: string; readonly mode: 'bridge' | 'private' | 'vepa' | 'passthru' } | undefined
  /** Of members without one of their own; null or missing: they reach everything. */
  readonly egress?: EgressMessage | null
  /** Of two policies the one with the greater version holds. */
  readonly egressVersion?: number
}

/** A container's place on a network. */
export interface NetworkPlaceArguments {
  readonly network: string
  /** Each of another subnet of the network; free ones are chosen where there are none. */
  readonly addresses: readonly string[]
  /** The network's name, below which its members have names too. */
  readonly domain?: string
  /** What it is called there beside its name. */
  readonly aliases?: readonly string[]
  /** Made of the first address where it is missing. */
  readonly mac?: string
  /** `eth0`, `eth1`, … by its place in the list where it is missing. */
  readonly interface?: string
  readonly defaultRoute?: boolean
}

/** Bytes a second; 0: unlimited, missing: as before. */
export interface RateMessage {
  readonly egress?: number
  readonly ingress?: number
}

/** Who answers what is no name of a container. */
export interface ResolverArguments {
  readonly upstreams: readonly string[]
  /** Names, in lower case, that only this container has for others. */
  readonly links?: readonly { readonly name: string; readonly container: string }[]
}

/** Where a container is on a network. */
export interface NetworkPlaceInfo {
  readonly network: string
  /** The network's. */
  readonly name: string
  /** None while it has no process. */
  readonly addresses: readonly string[]
  readonly mac: string | null
}

export interface PortMessage {
  /** `0.0.0.0` or `::` for every address. */
  readonly hostAddress: string
  readonly protocol: 'tcp' | 'udp' | 'sctp'
  /** 0 in a request: a free one. */
  readonly hostPort: number
  readonly containerPort: number
  /** What the containers that have it together are called. */
  readonly shared?: string
}

export interface NetworkListing {
  readonly networks: readonly NetworkArguments[]
  /** Of the host: a new subnet must overlap none of them. */
  readonly routes: readonly { readonly destination: string; readonly gateway: string | null }[]
}
