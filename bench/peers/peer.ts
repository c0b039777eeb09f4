// SPDX-License-Identifier: Apache-2.0

/** Where a peer finds what it needs. */
export interface PeerPlace {
  /** A root file system with busybox. */
  readonly rootfs: string
  /** A directory of the peer's own. */
  readonly directory: string
}

/** A container that stays, to run things in. */
export interface PeerBox {
  readonly start: readonly string[]
  /** Runs /bin/true in it. */
  readonly exec: readonly string[]
  readonly end: readonly string[]
}

/** Another engine, driven by its command line as its users do; `{}` in a word becomes a number of its own each time. */
export interface Peer {
  readonly name: string
  /** Creates a container that runs /bin/true, waits, removes it. */
  readonly life: readonly string[]
  readonly box?: PeerBox | undefined
  /** Refuses a machine with both kinds of cgroups, unless it sees only the older. */
  readonly v1Only?: boolean | undefined
  readonly slow?: boolean | undefined
  readonly close: () => Promise<void>
}
