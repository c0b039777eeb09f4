// SPDX-License-Identifier: Apache-2.0
import type { SeccompSpec } from './runtime-spec-seccomp.js'

/** What is Linux's own in a container (runtime-spec 1.2, "Linux Container Configuration"). */
export interface LinuxSpec {
  readonly namespaces: readonly NamespaceSpec[]
  readonly uidMappings?: readonly IdMappingSpec[] | undefined
  readonly gidMappings?: readonly IdMappingSpec[] | undefined
  readonly devices?: readonly DeviceSpec[] | undefined
  readonly cgroupsPath?: string | undefined
  readonly resources?: ResourcesSpec | undefined
  readonly rootfsPropagation?: 'shared' | 'slave' | 'private' | 'unbindable' | undefined
  readonly seccomp?: SeccompSpec | undefined
  readonly sysctl?: Readonly<Record<string, string>> | undefined
  readonly maskedPaths?: readonly string[] | undefined
  readonly readonlyPaths?: readonly string[] | undefined
  readonly mountLabel?: string | undefined
  readonly timeOffsets?: Readonly<Record<string, { readonly secs: number; readonly nanosecs: number }>> | undefined
  readonly personality?:
    | { readonly domain: 'LINUX' | 'LINUX32'; readonly flags?: readonly string[] | undefined }
    | undefined
}

/** `size` ids from `containerID` on are those from `hostID` on outside. */
export interface IdMappingSpec {
  readonly containerID: number
  readonly hostID: number
  readonly size: number
}

export type NamespaceType = 'pid' | 'network' | 'mount' | 'ipc' | 'uts' | 'user' | 'cgroup' | 'time'

/** A new namespace, or an existing one by path. */
export interface NamespaceSpec {
  readonly type: NamespaceType
  readonly path?: string | undefined
}

/** A device node to make. */
export interface DeviceSpec {
  readonly path: string
  /** Character, unbuffered character, block device, FIFO. */
  readonly type: 'c' | 'u' | 'b' | 'p'
  readonly major?: number | undefined
  readonly minor?: number | undefined
  readonly fileMode?: number | undefined
  readonly uid?: number | undefined
  readonly gid?: number | undefined
}

/** Limits (runtime-spec 1.2, "Control groups"). */
export interface ResourcesSpec {
  readonly devices?: readonly DeviceRuleSpec[] | undefined
  readonly memory?: MemorySpec | undefined
  readonly cpu?: CpuSpec | undefined
  readonly pids?: { readonly limit: number } | undefined
  readonly blockIO?: BlockIoSpec | undefined
  readonly hugepageLimits?: readonly { readonly pageSize: string; readonly limit: number }[] | undefined
  readonly network?: { readonly classID?: number | undefined } | undefined
  readonly rdma?: Readonly<Record<string, { readonly hcaHandles?: number; readonly hcaObjects?: number }>> | undefined
  /** Files of cgroup v2, written last. */
  readonly unified?: Readonly<Record<string, string>> | undefined
}

export interface DeviceRuleSpec {
  readonly allow: boolean
  readonly type?: 'a' | 'b' | 'c' | undefined
  readonly major?: number | undefined
  readonly minor?: number | undefined
  /** Of `r`, `w` and `m`. */
  readonly access?: string | undefined
}

/** Bytes; -1 means no limit. */
export interface MemorySpec {
  readonly limit?: number | undefined
  readonly reservation?: number | undefined
  /** Memory and swap together. */
  readonly swap?: number | undefined
  /** 0 to 100. */
  readonly swappiness?: number | undefined
  readonly disableOOMKiller?: boolean | undefined
  readonly useHierarchy?: boolean | undefined
  readonly checkBeforeUpdate?: boolean | undefined
}

export interface CpuSpec {
  /** Relative weight, 2 to 262144; 1024 is ordinary. */
  readonly shares?: number | undefined
  /** Microseconds of CPU time in each period; -1 means no limit. */
  readonly quota?: number | undefined
  /** Microseconds. */
  readonly period?: number | undefined
  readonly burst?: number | undefined
  readonly realtimeRuntime?: number | undefined
  readonly realtimePeriod?: number | undefined
  /** `0-2,4`. */
  readonly cpus?: string | undefined
  readonly mems?: string | undefined
  readonly idle?: 0 | 1 | undefined
}

export interface BlockIoSpec {
  /** 10 to 1000. */
  readonly weight?: number | undefined
  readonly leafWeight?: number | undefined
  readonly weightDevice?: readonly {
    readonly major: number
    readonly minor: number
    readonly weight?: number | undefined
    readonly leafWeight?: number | undefined
  }[]
  readonly throttleReadBpsDevice?: readonly ThrottleSpec[] | undefined
  readonly throttleWriteBpsDevice?: readonly ThrottleSpec[] | undefined
  readonly throttleReadIOPSDevice?: readonly ThrottleSpec[] | undefined
  readonly throttleWriteIOPSDevice?: readonly ThrottleSpec[] | undefined
}

/** Bytes or operations per second. */
export interface ThrottleSpec {
  readonly major: number
  readonly minor: number
  readonly rate: number
}
