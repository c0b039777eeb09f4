// SPDX-License-Identifier: Apache-2.0

/** What this machine can do, found out by trying. */
export interface HostReport {
  /** Whether containers can run at all. */
  readonly usable: boolean
  /** As `uname -r` says. */
  readonly kernel: string
  /** Whether we are an ordinary user. */
  readonly rootless: boolean
  /** Where we seem to run. */
  readonly environment: 'host' | 'wsl2' | 'container'
  /** Where a container's ids come from: the whole range, /etc/subuid, the caller's one id, or nowhere. */
  readonly idMap: 'root' | 'subids' | 'single' | 'none'
  /** The control groups, and what of them we may use: no controllers, no limits. */
  readonly cgroup: {
    /** How they are mounted. */
    readonly version: 'v1' | 'v2' | 'hybrid'
    /** What can be limited or done: `memory`, `pids`, `freeze`, `kill` … */
    readonly controllers: readonly string[]
  }
  /** Whether layers are laid over each other or copied. */
  readonly snapshotter: 'overlay' | 'copy'
  /** How containers would reach the world outside. */
  readonly outbound: 'nat' | 'pasta' | 'slirp4netns' | 'none'
  /** What is missing, each with its literal cure. */
  readonly lacks: readonly HostLack[]
  /** What makes a way out of a container easier on this machine, or worse: no option of ours closes these. docs/security.md, "The host". */
  readonly weaknesses: readonly HostWeakness[]
  /** The report as text for people. */
  toString(): string
}

/** One thing the machine lacks. */
export interface HostLack {
  /** A short name. */
  readonly feature: string
  /** Whether nothing runs without it. */
  readonly fatal: boolean
  /** What is wrong, as a sentence. */
  readonly problem: string
  /** What to do about it: a literal command where there is one. */
  readonly fix: string
}

/** What {@link HostWeakness} can be about: settings by their names in sysctl, all else by a word. */
export type HostWeaknessName =
  | 'kernel.yama.ptrace_scope'
  | 'kernel.unprivileged_bpf_disabled'
  | 'kernel.perf_event_paranoid'
  | 'kernel.dmesg_restrict'
  | 'kernel.kptr_restrict'
  | 'kernel.randomize_va_space'
  | 'kernel.core_pattern'
  | 'vm.unprivileged_userfaultfd'
  | 'vm.mmap_min_addr'
  | 'fs.suid_dumpable'
  | 'fs.protected_symlinks'
  | 'fs.protected_hardlinks'
  | 'dev.tty.legacy_tiocsti'
  | 'kernel version'
  | 'processor'
  | 'hyper-threads'
  | 'landlock'
  | 'user namespaces'
  | 'cgroup v1'
  | 'swap'
  | 'open sockets'
  | 'open devices'

/** Something of the machine’s own that helps whoever breaks out of a container. Nothing fails because of it. */
export interface HostWeakness {
  /** What it is about. */
  readonly feature: HostWeaknessName
  /** What it means, as a sentence. */
  readonly problem: string
  /** How to mend it: a literal command where there is one. */
  readonly fix: string
}
