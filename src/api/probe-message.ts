// SPDX-License-Identifier: Apache-2.0

/** Whether something could be done, and if not, which step failed with what. */
export interface ProbeAttempt {
  readonly ok: boolean
  readonly errno: string | null
  readonly step: string
}

/** What `tscontainer-supervisor --probe` writes: what it tried, and what it read. */
export interface ProbeMessage {
  readonly kernel: string
  readonly uid: number
  readonly rootless: boolean
  /** Whether it looks like the inside of a container. */
  readonly container: boolean
  readonly idMap: 'root' | 'subids' | 'single' | 'none'
  readonly userNamespace: ProbeAttempt
  readonly namespaces: ProbeAttempt
  readonly overlay: ProbeAttempt
  readonly proc: ProbeAttempt
  readonly seccomp: ProbeAttempt
  readonly memfdExec: ProbeAttempt
  readonly cgroup: {
    readonly version: 'none' | 'v1' | 'hybrid' | 'v2'
    readonly controllers: readonly string[]
    /** Controller → why it is missing and what helps; '' for all. */
    readonly reasons: Readonly<Record<string, string>>
  }
  /** Texts of the files below /proc/sys; empty where there is none. */
  readonly sysctl: {
    readonly maxUserNamespaces: string
    readonly unprivilegedUsernsClone: string
    readonly apparmorRestrictUserns: string
    readonly memfdNoexec: string
  }
}
