// SPDX-License-Identifier: Apache-2.0
import type { IdMappingSpec, LinuxSpec } from './runtime-spec-linux.js'

/** A container as the OCI runtime specification 1.2 describes it (`config.json`); the members have its names. */
export interface RuntimeSpec {
  readonly ociVersion: string
  readonly process: ProcessSpec
  readonly root: { readonly path: string; readonly readonly?: boolean | undefined }
  readonly hostname?: string | undefined
  readonly domainname?: string | undefined
  readonly mounts: readonly MountSpec[]
  readonly hooks?: HooksSpec | undefined
  readonly annotations?: Readonly<Record<string, string>> | undefined
  readonly linux: LinuxSpec
}

/** A program to run (runtime-spec 1.2, "process"); an exec is one too. */
export interface ProcessSpec {
  readonly terminal?: boolean | undefined
  readonly consoleSize?: { readonly height: number; readonly width: number } | undefined
  readonly user: UserSpec
  readonly args: readonly string[]
  readonly env?: readonly string[] | undefined
  /** Absolute, inside the container. */
  readonly cwd: string
  readonly capabilities?: CapabilitiesSpec | undefined
  readonly rlimits?: readonly RlimitSpec[] | undefined
  readonly noNewPrivileges?: boolean | undefined
  readonly apparmorProfile?: string | undefined
  readonly selinuxLabel?: string | undefined
  /** -1000 to 1000. */
  readonly oomScoreAdj?: number | undefined
  readonly ioPriority?:
    | { readonly class: 'IOPRIO_CLASS_RT' | 'IOPRIO_CLASS_BE' | 'IOPRIO_CLASS_IDLE'; readonly priority: number }
    | undefined
  readonly scheduler?: SchedulerSpec | undefined
  readonly execCPUAffinity?: { readonly initial?: string | undefined; readonly final?: string | undefined } | undefined
}

/** Ids inside the container. */
export interface UserSpec {
  readonly uid: number
  readonly gid: number
  readonly umask?: number | undefined
  readonly additionalGids?: readonly number[] | undefined
}

/** The five sets, each of names like `CAP_CHOWN`. */
export interface CapabilitiesSpec {
  readonly bounding?: readonly string[] | undefined
  readonly effective?: readonly string[] | undefined
  readonly inheritable?: readonly string[] | undefined
  readonly permitted?: readonly string[] | undefined
  readonly ambient?: readonly string[] | undefined
}

export interface RlimitSpec {
  /** `RLIMIT_NOFILE`. */
  readonly type: string
  /** 2^64-1 ("unlimited") does not fit a double: it is written -1 on this channel. */
  readonly soft: number
  readonly hard: number
}

export interface SchedulerSpec {
  readonly policy: string
  readonly nice?: number | undefined
  readonly priority?: number | undefined
  readonly flags?: readonly string[] | undefined
  readonly runtime?: number | undefined
  readonly deadline?: number | undefined
  readonly period?: number | undefined
}

/** A mount, in the order they are made (runtime-spec 1.2, "mounts"). */
export interface MountSpec {
  /** Absolute, inside the container. */
  readonly destination: string
  readonly type?: string | undefined
  readonly source?: string | undefined
  readonly options?: readonly string[] | undefined
  readonly uidMappings?: readonly IdMappingSpec[] | undefined
  readonly gidMappings?: readonly IdMappingSpec[] | undefined
}

export interface HooksSpec {
  readonly createRuntime?: readonly HookSpec[] | undefined
  readonly createContainer?: readonly HookSpec[] | undefined
  readonly startContainer?: readonly HookSpec[] | undefined
  readonly poststart?: readonly HookSpec[] | undefined
  readonly poststop?: readonly HookSpec[] | undefined
}

export interface HookSpec {
  readonly path: string
  readonly args?: readonly string[] | undefined
  readonly env?: readonly string[] | undefined
  /** Seconds. */
  readonly timeout?: number | undefined
}
