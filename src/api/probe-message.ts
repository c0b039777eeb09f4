// SPDX-License-Identifier: Apache-2.0

/** Whether something could be done, and if not, which step failed with what. */
export interface ProbeAttempt {
  readonly ok: boolean
  readonly errno: string | null
  readonly step: string
}

/** A chain as nft(8) names it; `owned`: nobody but a running program may change its table; `legacy`: of iptables-legacy. */
export interface ForwardBarrier {
  readonly kind: 'chain' | 'owned' | 'legacy'
  readonly family: string
  readonly table: string
  readonly chain: string
}

/**
 * What `tscontainer-supervisor --probe` writes: what it tried, and what it read. What comes after a user namespace that an ordinary user
 * cannot have was not tried, and is left out; so is what a supervisor finds out where none can be set up.
 */
export interface ProbeMessage {
  readonly kernel: string
  readonly uid: number
  readonly rootless: boolean
  /** Whether it looks like the inside of a container. */
  readonly container: boolean
  /** Whether this process has no_new_privs, and whether its system calls are filtered. */
  readonly noNewPrivileges: boolean
  readonly filtered: boolean
  /** The type of the file system where the engine's root is, or would be made; empty if it is none of the known ones. */
  readonly fileSystem: string
  readonly seccomp: ProbeAttempt
  readonly memfdExec: ProbeAttempt
  /** What of somebody else's drops all that is forwarded and is not for us to change; as root. */
  readonly forwarding?: ForwardBarrier | null
  /** Texts of the files below /proc/sys; empty where there is none. */
  readonly sysctl: {
    readonly maxUserNamespaces: string
    readonly unprivilegedUsernsClone: string
    readonly apparmorRestrictUserns: string
    readonly memfdNoexec: string
  }
  readonly userNamespace: ProbeAttempt
  readonly idMap?: 'root' | 'subids' | 'single'
  readonly mappedIds?: number
  /** Why there is but one id: `no newuidmap`, `no range in /etc/subuid`, `map ids newuidmap`. */
  readonly idMapReason?: string
  readonly namespaces?: ProbeAttempt
  readonly proc?: ProbeAttempt
  /** A bridge, and rules for it. */
  readonly networks?: ProbeAttempt
  /** A link that loses what it sends; tried where there are networks. */
  readonly impairment?: ProbeAttempt
  /** Of who is not root: what leads out of a network namespace. Null: the attempt ended by itself. */
  readonly wayOut?: {
    /** Opening /dev/net/tun. */
    readonly tun: ProbeAttempt
    /** Those that are installed, up to the first that works, which has no problem. */
    readonly programs: readonly { readonly name: 'pasta' | 'slirp4netns'; readonly problem: string }[]
  } | null
  /** All that a supervisor does before it serves. */
  readonly supervisor?: ProbeAttempt
  /** Whether containers get a user namespace of their own, and why not. */
  readonly userns?: boolean
  readonly usernsReason?: string
  readonly snapshotter?: 'overlay' | 'copy'
  readonly cgroup?: {
    readonly version: 'none' | 'v1' | 'hybrid' | 'v2'
    readonly controllers: readonly string[]
    /** Controller → why it is missing and what helps; '' for all. */
    readonly reasons: Readonly<Record<string, string>>
  }
}

/** Who asks: cures name them. */
export interface ProbeCaller {
  readonly user: string
  /** The path of this program: what an AppArmor profile is for. */
  readonly program: string
}
