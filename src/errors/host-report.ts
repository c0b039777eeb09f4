// SPDX-License-Identifier: Apache-2.0

/** What this machine can do, found out by trying. */
export interface HostReport {
  /** Whether containers can run at all. */
  readonly usable: boolean
  readonly kernel: string
  readonly rootless: boolean
  readonly environment: 'host' | 'wsl2' | 'container'
  /** Where a container's ids come from: the whole range, /etc/subuid, the caller's one id, or nowhere. */
  readonly idMap: 'root' | 'subids' | 'single' | 'none'
  readonly cgroup: { readonly version: 'v1' | 'v2' | 'hybrid'; readonly controllers: readonly string[] }
  readonly snapshotter: 'overlay' | 'copy'
  readonly outbound: 'nat' | 'pasta' | 'slirp4netns' | 'none'
  /** What is missing, each with its literal cure. */
  readonly lacks: readonly HostLack[]
  /** The report as text for people. */
  toString(): string
}

/** One thing the machine lacks. */
export interface HostLack {
  readonly feature: string
  /** Whether nothing runs without it. */
  readonly fatal: boolean
  readonly problem: string
  readonly fix: string
}
