// SPDX-License-Identifier: Apache-2.0
import type { BuildModel, FileMountModel, UlimitModel } from './build-model.js'
import type { DeployModel, DeviceRequestModel } from './deploy-model.js'

/** What has to be with another service first. */
export interface DependencyModel {
  readonly condition: 'service_started' | 'service_healthy' | 'service_completed_successfully'
  /** Whether the project is invalid without it. */
  readonly required: boolean
  /** Whether the service restarts when compose restarts the other one. */
  readonly restart?: boolean | undefined
}

/** A port of a service that is published. */
export interface PortModel {
  /** The container's. */
  readonly target: number
  /** The host's, or a range `8000-8010` of which a free one is taken; any free one where it is left out. */
  readonly published?: string | undefined
  readonly host_ip?: string | undefined
  readonly protocol: string
  readonly mode: string
  readonly name?: string | undefined
  readonly app_protocol?: string | undefined
}

/** A mount of a service. */
export interface MountModel {
  readonly type: 'bind' | 'volume' | 'tmpfs' | 'image' | 'npipe' | 'cluster'
  /** An absolute path, or the key of a volume of the project; without one the volume has no name. */
  readonly source?: string | undefined
  readonly target?: string | undefined
  readonly read_only?: boolean | undefined
  readonly consistency?: string | undefined
  readonly bind?:
    | {
        readonly create_host_path?: boolean
        readonly propagation?: string
        readonly recursive?: string
        readonly selinux?: string
      }
    | undefined
  readonly volume?:
    | { readonly nocopy?: boolean; readonly subpath?: string; readonly labels?: Readonly<Record<string, string>> }
    | undefined
  /** The size is bytes. */
  readonly tmpfs?: { readonly size?: number; readonly mode?: number } | undefined
  readonly image?: { readonly subpath?: string } | undefined
}

/** A service's place on a network. */
export interface ServiceNetworkModel {
  readonly aliases?: readonly string[] | undefined
  readonly ipv4_address?: string | undefined
  readonly ipv6_address?: string | undefined
  readonly link_local_ips?: readonly string[] | undefined
  readonly mac_address?: string | undefined
  readonly interface_name?: string | undefined
  readonly driver_opts?: Readonly<Record<string, string>> | undefined
  readonly priority?: number | undefined
  readonly gw_priority?: number | undefined
}

/** How the health of a service is found out. Durations are texts such as `1m30s`. */
export interface HealthcheckModel {
  /** Begins with CMD, CMD-SHELL or NONE. */
  readonly test?: readonly string[] | undefined
  readonly interval?: string | undefined
  readonly timeout?: string | undefined
  readonly retries?: number | undefined
  readonly start_period?: string | undefined
  readonly start_interval?: string | undefined
  readonly disable?: boolean | undefined
}

/** A command that runs beside a service: before its start, after it, or before its stop. */
export interface HookModel {
  readonly command?: readonly string[] | undefined
  readonly image?: string | undefined
  readonly user?: string | undefined
  readonly privileged?: boolean | undefined
  readonly per_replica?: boolean | undefined
  readonly working_dir?: string | undefined
  readonly environment?: Readonly<Record<string, string | null>> | undefined
}

/** What happens when files change while one develops. */
export interface WatchModel {
  readonly path: string
  readonly action: 'rebuild' | 'restart' | 'sync' | 'sync+restart' | 'sync+exec'
  readonly target?: string | undefined
  readonly ignore?: string | readonly string[] | undefined
  readonly include?: string | readonly string[] | undefined
  readonly initial_sync?: boolean | undefined
  readonly exec?: HookModel | undefined
}

/**
 * A service in canonical form: long forms everywhere, absolute paths, sizes as numbers of bytes, durations as texts such as `1m30s`. The keys
 * are those of the Compose specification, services.
 */
export interface ServiceModel {
  readonly annotations?: Readonly<Record<string, string>> | undefined
  readonly attach?: boolean | undefined
  readonly blkio_config?: Readonly<Record<string, unknown>> | undefined
  readonly build?: BuildModel | undefined
  readonly cap_add?: readonly string[] | undefined
  readonly cap_drop?: readonly string[] | undefined
  readonly cgroup?: string | undefined
  readonly cgroup_parent?: string | undefined
  readonly command?: readonly string[] | null | undefined
  readonly configs?: readonly FileMountModel[] | undefined
  readonly container_name?: string | undefined
  readonly cpu_count?: number | undefined
  readonly cpu_percent?: number | undefined
  readonly cpu_period?: number | undefined
  readonly cpu_quota?: number | undefined
  readonly cpu_rt_period?: number | string | undefined
  readonly cpu_rt_runtime?: number | string | undefined
  readonly cpu_shares?: number | undefined
  readonly cpus?: number | undefined
  readonly cpuset?: string | undefined
  readonly credential_spec?: Readonly<Record<string, unknown>> | undefined
  readonly depends_on?: Readonly<Record<string, DependencyModel>> | undefined
  readonly deploy?: DeployModel | null | undefined
  readonly develop?: { readonly watch?: readonly WatchModel[] } | null | undefined
  readonly device_cgroup_rules?: readonly string[] | undefined
  readonly devices?:
    | readonly { readonly source: string; readonly target?: string; readonly permissions?: string }[]
    | undefined
  readonly dns?: readonly string[] | undefined
  readonly dns_opt?: readonly string[] | undefined
  readonly dns_search?: readonly string[] | undefined
  readonly domainname?: string | undefined
  /** Empty: the image's is not used. */
  readonly entrypoint?: readonly string[] | null | undefined
  readonly env_file?:
    | readonly { readonly path: string; readonly required: boolean; readonly format?: string }[]
    | undefined
  /** With what env files say; `null` where the variable has no value anywhere. */
  readonly environment?: Readonly<Record<string, string | null>> | undefined
  readonly expose?: readonly string[] | undefined
  readonly external_links?: readonly string[] | undefined
  readonly extra_hosts?: Readonly<Record<string, readonly string[]>> | undefined
  readonly gpus?: readonly DeviceRequestModel[] | undefined
  readonly group_add?: readonly string[] | undefined
  readonly healthcheck?: HealthcheckModel | undefined
  readonly hostname?: string | undefined
  readonly image?: string | undefined
  readonly init?: boolean | undefined
  readonly ipc?: string | undefined
  readonly isolation?: string | undefined
  readonly label_file?: readonly string[] | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly links?: readonly string[] | undefined
  readonly logging?: { readonly driver?: string; readonly options?: Readonly<Record<string, string>> } | undefined
  readonly mac_address?: string | undefined
  /** Bytes, as the other sizes of memory; -1 for no limit. */
  readonly mem_limit?: number | undefined
  readonly mem_reservation?: number | undefined
  readonly mem_swappiness?: number | undefined
  readonly memswap_limit?: number | undefined
  readonly models?:
    | Readonly<Record<string, { readonly endpoint_var?: string; readonly model_var?: string } | null>>
    | undefined
  readonly network_mode?: string | undefined
  readonly networks?: Readonly<Record<string, ServiceNetworkModel | null>> | undefined
  readonly oom_kill_disable?: boolean | undefined
  readonly oom_score_adj?: number | undefined
  readonly pid?: string | null | undefined
  readonly pids_limit?: number | undefined
  readonly platform?: string | undefined
  readonly ports?: readonly PortModel[] | undefined
  readonly post_start?: readonly HookModel[] | undefined
  readonly pre_start?: readonly HookModel[] | undefined
  readonly pre_stop?: readonly HookModel[] | undefined
  readonly privileged?: boolean | undefined
  readonly profiles?: readonly string[] | undefined
  readonly provider?: { readonly type: string; readonly options?: Readonly<Record<string, unknown>> } | undefined
  readonly pull_policy?: string | undefined
  readonly read_only?: boolean | undefined
  readonly restart?: string | undefined
  readonly runtime?: string | undefined
  readonly scale?: number | undefined
  readonly secrets?: readonly FileMountModel[] | undefined
  readonly security_opt?: readonly string[] | undefined
  readonly shm_size?: number | undefined
  readonly stdin_open?: boolean | undefined
  readonly stop_grace_period?: string | undefined
  readonly stop_signal?: string | undefined
  readonly storage_opt?: Readonly<Record<string, string>> | undefined
  readonly sysctls?: Readonly<Record<string, string>> | undefined
  readonly tmpfs?: readonly string[] | undefined
  readonly tty?: boolean | undefined
  readonly ulimits?: Readonly<Record<string, UlimitModel>> | undefined
  readonly use_api_socket?: boolean | undefined
  readonly user?: string | undefined
  readonly userns_mode?: string | undefined
  readonly uts?: string | undefined
  readonly volumes?: readonly MountModel[] | undefined
  readonly volumes_from?: readonly string[] | undefined
  readonly working_dir?: string | undefined
  /** Keys of one's own, as they were written. */
  readonly [extension: `x-${string}`]: unknown
}
