// SPDX-License-Identifier: Apache-2.0
import type { ServiceModel } from './service-model.js'

/** A network of a project. Compose specification, networks. */
export interface NetworkModel {
  /** The name outside of the project. */
  readonly name: string
  /** Whether it has to be there already. */
  readonly external?: boolean | undefined
  /** What makes it; the engine's own if it is left out. */
  readonly driver?: string | undefined
  /** For the driver. */
  readonly driver_opts?: Readonly<Record<string, string>> | undefined
  /** Its addresses. */
  readonly ipam?:
    | {
        /** What makes it; the engine's own if it is left out. */
        readonly driver?: string
        /** Ranges of addresses. */
        readonly config?: readonly {
          /** In CIDR notation. */
          readonly subnet?: string
          /** What part of it is given out. */
          readonly ip_range?: string
          /** The host's address on it. */
          readonly gateway?: string
          /** Addresses that are taken, by name. */
          readonly aux_addresses?: Readonly<Record<string, string>>
        }[]
        /** For the driver. */
        readonly options?: Readonly<Record<string, string>>
      }
    | undefined
  /** Whether nothing leads out of it. */
  readonly internal?: boolean | undefined
  /** Of an orchestrator. */
  readonly attachable?: boolean | undefined
  /** Whether it has such addresses. */
  readonly enable_ipv4?: boolean | undefined
  /** Whether it has such addresses. */
  readonly enable_ipv6?: boolean | undefined
  /** Kept with it, for tools. */
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** Keys of one's own, as they were written. */
  readonly [extension: `x-${string}`]: unknown
}

/** A volume of a project. Compose specification, volumes. */
export interface VolumeModel {
  /** The name outside of the project. */
  readonly name: string
  /** Whether it has to be there already. */
  readonly external?: boolean | undefined
  /** What makes it; the engine's own if it is left out. */
  readonly driver?: string | undefined
  /** For the driver. */
  readonly driver_opts?: Readonly<Record<string, string>> | undefined
  /** Kept with it, for tools. */
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** Keys of one's own, as they were written. */
  readonly [extension: `x-${string}`]: unknown
}

/** A secret or a config of a project. Compose specification, secrets and configs. */
export interface ContentModel {
  /** The name outside of the project. */
  readonly name: string
  /** Whether it has to be there already. */
  readonly external?: boolean | undefined
  /** An absolute path. */
  readonly file?: string | undefined
  /** The variable that has it. */
  readonly environment?: string | undefined
  /** What was written, or what the variable has. */
  readonly content?: string | undefined
  /** What makes it; the engine's own if it is left out. */
  readonly driver?: string | undefined
  /** For the driver. */
  readonly driver_opts?: Readonly<Record<string, string>> | undefined
  /** Of an orchestrator. */
  readonly template_driver?: string | undefined
  /** Kept with it, for tools. */
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** Keys of one's own, as they were written. */
  readonly [extension: `x-${string}`]: unknown
}

/** A whole project in canonical form. */
export interface ProjectModel {
  /** For people. */
  readonly name: string
  /** By name. */
  readonly services: Readonly<Record<string, ServiceModel>>
  /** Networks it is on, by their keys. */
  readonly networks: Readonly<Record<string, NetworkModel>>
  /** What is mounted in it. */
  readonly volumes: Readonly<Record<string, VolumeModel>>
  /** Files of the project's secrets. */
  readonly secrets: Readonly<Record<string, ContentModel>>
  /** Files of the project's configs. */
  readonly configs: Readonly<Record<string, ContentModel>>
  /** Language models, by their keys. */
  readonly models: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** Keys of one's own at top level, as they were written. */
  readonly [extension: `x-${string}`]: unknown
}
