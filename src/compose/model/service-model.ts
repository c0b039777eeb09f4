// SPDX-License-Identifier: Apache-2.0
import type { BuildModel, FileMountModel, UlimitModel } from './build-model.js'
import type { DeployModel, DeviceRequestModel } from './deploy-model.js'
import type {
  DependencyModel,
  HealthcheckModel,
  HookModel,
  MountModel,
  PortModel,
  ServiceNetworkModel,
  WatchModel,
} from './service-parts.js'

/**
 * A service in canonical form: long forms everywhere, absolute paths, sizes as numbers of bytes, durations as texts such as `1m30s`. The keys
 * are those of the Compose specification, services.
 */
export interface ServiceModel {
  /** Kept with the container, for tools. */
  readonly annotations?: Readonly<Record<string, string>> | undefined
  /** Whether `up` shows what it writes. */
  readonly attach?: boolean | undefined
  /** Weights and limits of its use of disks. */
  readonly blkio_config?: Readonly<Record<string, unknown>> | undefined
  /** How its image is made. */
  readonly build?: BuildModel | undefined
  /** Capabilities beyond the usual ones. */
  readonly cap_add?: readonly string[] | undefined
  /** Capabilities it does without. */
  readonly cap_drop?: readonly string[] | undefined
  /** `host` or `private`. */
  readonly cgroup?: string | undefined
  /** The cgroup its own is below. */
  readonly cgroup_parent?: string | undefined
  /** What runs, in place of the image's command; null and empty as in the file. */
  readonly command?: readonly string[] | null | undefined
  /** Files of the project's configs. */
  readonly configs?: readonly FileMountModel[] | undefined
  /** In place of a name after the project. */
  readonly container_name?: string | undefined
  /** CPUs of Windows. */
  readonly cpu_count?: number | undefined
  /** Percent of the CPUs of Windows. */
  readonly cpu_percent?: number | undefined
  /** Microseconds. */
  readonly cpu_period?: number | undefined
  /** Microseconds of each period. */
  readonly cpu_quota?: number | undefined
  /** Microseconds. */
  readonly cpu_rt_period?: number | undefined
  /** Microseconds of each period. */
  readonly cpu_rt_runtime?: number | undefined
  /** Its weight beside others. */
  readonly cpu_shares?: number | undefined
  /** How many, with fractions. */
  readonly cpus?: number | undefined
  /** Which ones: `0-2,4`. */
  readonly cpuset?: string | undefined
  /** Of an account that Windows manages. */
  readonly credential_spec?: Readonly<Record<string, unknown>> | undefined
  /** Services that come first, by name, also those of links and shared namespaces. */
  readonly depends_on?: Readonly<Record<string, DependencyModel>> | undefined
  /** How many run, with what resources, and how they change. */
  readonly deploy?: DeployModel | null | undefined
  /** What happens when files change. */
  readonly develop?:
    | {
        /** What is watched. */
        readonly watch?: readonly WatchModel[]
      }
    | null
    | undefined
  /** As the kernel has them: `c 1:3 mr`. */
  readonly device_cgroup_rules?: readonly string[] | undefined
  /** Devices it has. */
  readonly devices?:
    | readonly {
        /** The path on the host, or the name of a CDI device. */
        readonly source: string
        /** The path inside. */
        readonly target?: string
        /** `r`, `w` and `m`. */
        readonly permissions?: string
      }[]
    | undefined
  /** Addresses of name servers. */
  readonly dns?: readonly string[] | undefined
  /** Options of resolv.conf. */
  readonly dns_opt?: readonly string[] | undefined
  /** Domains that names are completed with. */
  readonly dns_search?: readonly string[] | undefined
  /** The host's domain inside. */
  readonly domainname?: string | undefined
  /** Empty: the image's is not used. */
  readonly entrypoint?: readonly string[] | null | undefined
  /** Where part of its environment comes from; absolute paths. */
  readonly env_file?:
    | readonly {
        /** Absolute. */
        readonly path: string
        /** Whether it has to be there. */
        readonly required: boolean
        /** `raw`, for values as they stand. */
        readonly format?: string
      }[]
    | undefined
  /** With what env files say; `null` where the variable has no value anywhere. */
  readonly environment?: Readonly<Record<string, string | null>> | undefined
  /** Ports that only other services see. */
  readonly expose?: readonly string[] | undefined
  /** Containers of other projects, as `name:alias`. */
  readonly external_links?: readonly string[] | undefined
  /** Addresses of names in its hosts file. */
  readonly extra_hosts?: Readonly<Record<string, readonly string[]>> | undefined
  /** Graphics cards it asks for. */
  readonly gpus?: readonly DeviceRequestModel[] | undefined
  /** Supplementary groups. */
  readonly group_add?: readonly string[] | undefined
  /** How one knows that it works. */
  readonly healthcheck?: HealthcheckModel | undefined
  /** Its name inside. */
  readonly hostname?: string | undefined
  /** What it is run from, or what is built is called. */
  readonly image?: string | undefined
  /** Whether an init process reaps for it. */
  readonly init?: boolean | undefined
  /** `host`, `private`, `shareable`, `service:name` or `container:name`. */
  readonly ipc?: string | undefined
  /** Of Windows. */
  readonly isolation?: string | undefined
  /** Where part of its labels comes from; absolute paths. */
  readonly label_file?: readonly string[] | undefined
  /** Kept with it, for tools. */
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** Services under other names, as `name:alias`. */
  readonly links?: readonly string[] | undefined
  /** Where what it writes goes. */
  readonly logging?:
    | {
        /** What makes it; the engine's own if it is left out. */
        readonly driver?: string
        /** For the driver. */
        readonly options?: Readonly<Record<string, string>>
      }
    | undefined
  /** Its hardware address. */
  readonly mac_address?: string | undefined
  /** Bytes, as the other sizes of memory; -1 for no limit. */
  readonly mem_limit?: number | undefined
  /** What it has when memory is scarce. */
  readonly mem_reservation?: number | undefined
  /** From 0, never swapped, to 100. */
  readonly mem_swappiness?: number | undefined
  /** Memory and swap together. */
  readonly memswap_limit?: number | undefined
  /** Language models, by their keys. */
  readonly models?:
    | Readonly<
        Record<
          string,
          {
            /** The variable that has its address. */
            readonly endpoint_var?: string
            /** The variable that has its name. */
            readonly model_var?: string
          } | null
        >
      >
    | undefined
  /** `none`, `host`, `service:name` or `container:name`, in place of networks. */
  readonly network_mode?: string | undefined
  /** Networks it is on, by their keys. */
  readonly networks?: Readonly<Record<string, ServiceNetworkModel | null>> | undefined
  /** Whether it waits when out of memory. */
  readonly oom_kill_disable?: boolean | undefined
  /** From -1000 to 1000: how soon it is killed. */
  readonly oom_score_adj?: number | undefined
  /** `host`, `service:name` or `container:name`. */
  readonly pid?: string | null | undefined
  /** How many processes; -1 for no limit. */
  readonly pids_limit?: number | undefined
  /** `linux/amd64`, for images that have several. */
  readonly platform?: string | undefined
  /** What of it the host's ports lead to. */
  readonly ports?: readonly PortModel[] | undefined
  /** Run when it has started. */
  readonly post_start?: readonly HookModel[] | undefined
  /** Run before it starts. */
  readonly pre_start?: readonly HookModel[] | undefined
  /** Run before it is stopped. */
  readonly pre_stop?: readonly HookModel[] | undefined
  /** Whether it may do what the host's root may. */
  readonly privileged?: boolean | undefined
  /** It is only part of the project when one of these is active; always if there are none. */
  readonly profiles?: readonly string[] | undefined
  /** What makes it, where it is no container. */
  readonly provider?:
    | {
        /** Of the mount. */
        readonly type: string
        /** For the driver. */
        readonly options?: Readonly<Record<string, unknown>>
      }
    | undefined
  /** `always`, `never`, `missing`, `build`, `daily`, `weekly` or `every_12h`. */
  readonly pull_policy?: string | undefined
  /** Whether nothing can be written. */
  readonly read_only?: boolean | undefined
  /** `no`, `always`, `on-failure[:max]` or `unless-stopped`. */
  readonly restart?: string | undefined
  /** The OCI runtime. */
  readonly runtime?: string | undefined
  /** How many containers. */
  readonly scale?: number | undefined
  /** Files of the project's secrets. */
  readonly secrets?: readonly FileMountModel[] | undefined
  /** Security labels and such. */
  readonly security_opt?: readonly string[] | undefined
  /** Of /dev/shm, in bytes. */
  readonly shm_size?: number | undefined
  /** Whether its input stays open. */
  readonly stdin_open?: boolean | undefined
  /** How long it has between being asked to stop and being killed. */
  readonly stop_grace_period?: string | undefined
  /** How it is asked to stop. */
  readonly stop_signal?: string | undefined
  /** Of its root filesystem: `size`. */
  readonly storage_opt?: Readonly<Record<string, string>> | undefined
  /** Kernel parameters of its namespaces. */
  readonly sysctls?: Readonly<Record<string, string>> | undefined
  /** Where it has directories in memory, with options after a colon. */
  readonly tmpfs?: readonly string[] | undefined
  /** Whether it has a terminal. */
  readonly tty?: boolean | undefined
  /** Limits of its processes, by name. */
  readonly ulimits?: Readonly<Record<string, UlimitModel>> | undefined
  /** Whether it is given the engine's socket. */
  readonly use_api_socket?: boolean | undefined
  /** A name or id, with a group after a colon. */
  readonly user?: string | undefined
  /** `host`, for no user namespace of its own. */
  readonly userns_mode?: string | undefined
  /** `host`, for the host's name. */
  readonly uts?: string | undefined
  /** What is mounted in it. */
  readonly volumes?: readonly MountModel[] | undefined
  /** Services or containers whose mounts it has, with `:ro` or `:rw`. */
  readonly volumes_from?: readonly string[] | undefined
  /** Where its command runs. */
  readonly working_dir?: string | undefined
  /** Keys of one's own, as they were written. */
  readonly [extension: `x-${string}`]: unknown
}
