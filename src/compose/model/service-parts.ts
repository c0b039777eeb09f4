// SPDX-License-Identifier: Apache-2.0

/** What has to be with another service first. */
export interface DependencyModel {
  /** What has to be. */
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
  /** The host's address; all of them if it is left out. */
  readonly host_ip?: string | undefined
  /** `tcp`, `udp` or `sctp`. */
  readonly protocol: string
  /** `ingress` or `host`, which are the same on one host. */
  readonly mode: string
  /** For people. */
  readonly name?: string | undefined
  /** For people. */
  readonly app_protocol?: string | undefined
}

/** A mount of a service. */
export interface MountModel {
  /** Of the mount. */
  readonly type: 'bind' | 'volume' | 'tmpfs' | 'image' | 'npipe' | 'cluster'
  /** An absolute path, or the key of a volume of the project; without one the volume has no name. */
  readonly source?: string | undefined
  /** Where it is inside. */
  readonly target?: string | undefined
  /** Whether nothing can be written. */
  readonly read_only?: boolean | undefined
  /** Means nothing on Linux. */
  readonly consistency?: string | undefined
  /** Of a bind. */
  readonly bind?:
    | {
        /** Whether a source that is missing is made as a directory. */
        readonly create_host_path?: boolean
        /** Of mounts made below it. */
        readonly propagation?: string
        /** Whether mounts below the source are there too. */
        readonly recursive?: string
        /** `z` for shared, `Z` for private. */
        readonly selinux?: string
      }
    | undefined
  /** Of a volume. */
  readonly volume?:
    | {
        /** Whether what the image has there is not copied in. */
        readonly nocopy?: boolean
        /** Below the source. */
        readonly subpath?: string
        /** Kept with it, for tools. */
        readonly labels?: Readonly<Record<string, string>>
      }
    | undefined
  /** The size is bytes. */
  readonly tmpfs?:
    | {
        /** Bytes. */
        readonly size?: number
        /** The permission bits. */
        readonly mode?: number
      }
    | undefined
  /** Of an image. */
  readonly image?:
    | {
        /** Below the source. */
        readonly subpath?: string
      }
    | undefined
}

/** A service's place on a network. */
export interface ServiceNetworkModel {
  /** More names there. */
  readonly aliases?: readonly string[] | undefined
  /** Fixed. */
  readonly ipv4_address?: string | undefined
  /** Fixed. */
  readonly ipv6_address?: string | undefined
  /** More addresses. */
  readonly link_local_ips?: readonly string[] | undefined
  /** Its hardware address. */
  readonly mac_address?: string | undefined
  /** Of the link inside. */
  readonly interface_name?: string | undefined
  /** For the driver. */
  readonly driver_opts?: Readonly<Record<string, string>> | undefined
  /** Higher ones are joined first. */
  readonly priority?: number | undefined
  /** The highest one has the default route. */
  readonly gw_priority?: number | undefined
}

/** How the health of a service is found out. Durations are texts such as `1m30s`. */
export interface HealthcheckModel {
  /** Begins with CMD, CMD-SHELL or NONE. */
  readonly test?: readonly string[] | undefined
  /** Between two tests. */
  readonly interval?: string | undefined
  /** How long one may take. */
  readonly timeout?: string | undefined
  /** How many failures in a row make it unhealthy. */
  readonly retries?: number | undefined
  /** In which failures do not count. */
  readonly start_period?: string | undefined
  /** Between two tests in that time. */
  readonly start_interval?: string | undefined
  /** Whether the image's test is not run either. */
  readonly disable?: boolean | undefined
}

/** A command that runs beside a service: before its start, after it, or before its stop. */
export interface HookModel {
  /** What runs. */
  readonly command?: readonly string[] | undefined
  /** What it runs in, where that is not the service itself. */
  readonly image?: string | undefined
  /** A name or id, with a group after a colon. */
  readonly user?: string | undefined
  /** Whether it may do what the host's root may. */
  readonly privileged?: boolean | undefined
  /** Whether it runs for each container. */
  readonly per_replica?: boolean | undefined
  /** Where its command runs. */
  readonly working_dir?: string | undefined
  /** Variables; null for those that nobody gave a value. */
  readonly environment?: Readonly<Record<string, string | null>> | undefined
}

/** What happens when files change while one develops. */
export interface WatchModel {
  /** Watched; absolute. */
  readonly path: string
  /** What a change does. */
  readonly action: 'rebuild' | 'restart' | 'sync' | 'sync+restart' | 'sync+exec'
  /** Where it is inside. */
  readonly target?: string | undefined
  /** Patterns of files that do not count. */
  readonly ignore?: string | readonly string[] | undefined
  /** Patterns of the only files that count. */
  readonly include?: string | readonly string[] | undefined
  /** Whether files are copied at the start. */
  readonly initial_sync?: boolean | undefined
  /** Run after files were copied. */
  readonly exec?: HookModel | undefined
}
