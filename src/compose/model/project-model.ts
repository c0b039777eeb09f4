// SPDX-License-Identifier: Apache-2.0
import type { ServiceModel } from './service-model.js'

/** A network of a project. Compose specification, networks. */
export interface NetworkModel {
  /** The name outside of the project. */
  readonly name: string
  readonly external?: boolean | undefined
  readonly driver?: string | undefined
  readonly driver_opts?: Readonly<Record<string, string>> | undefined
  readonly ipam?:
    | {
        readonly driver?: string
        readonly config?: readonly {
          readonly subnet?: string
          readonly ip_range?: string
          readonly gateway?: string
          readonly aux_addresses?: Readonly<Record<string, string>>
        }[]
        readonly options?: Readonly<Record<string, string>>
      }
    | undefined
  readonly internal?: boolean | undefined
  readonly attachable?: boolean | undefined
  readonly enable_ipv4?: boolean | undefined
  readonly enable_ipv6?: boolean | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** Keys of one's own, as they were written. */
  readonly [extension: `x-${string}`]: unknown
}

/** A volume of a project. Compose specification, volumes. */
export interface VolumeModel {
  /** The name outside of the project. */
  readonly name: string
  readonly external?: boolean | undefined
  readonly driver?: string | undefined
  readonly driver_opts?: Readonly<Record<string, string>> | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** Keys of one's own, as they were written. */
  readonly [extension: `x-${string}`]: unknown
}

/** A secret or a config of a project. Compose specification, secrets and configs. */
export interface ContentModel {
  /** The name outside of the project. */
  readonly name: string
  readonly external?: boolean | undefined
  /** An absolute path. */
  readonly file?: string | undefined
  /** The variable that has it. */
  readonly environment?: string | undefined
  /** What was written, or what the variable has. */
  readonly content?: string | undefined
  readonly driver?: string | undefined
  readonly driver_opts?: Readonly<Record<string, string>> | undefined
  readonly template_driver?: string | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** Keys of one's own, as they were written. */
  readonly [extension: `x-${string}`]: unknown
}

/** A whole project in canonical form. */
export interface ProjectModel {
  readonly name: string
  readonly services: Readonly<Record<string, ServiceModel>>
  readonly networks: Readonly<Record<string, NetworkModel>>
  readonly volumes: Readonly<Record<string, VolumeModel>>
  readonly secrets: Readonly<Record<string, ContentModel>>
  readonly configs: Readonly<Record<string, ContentModel>>
  readonly models: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** Keys of one's own at top level, as they were written. */
  readonly [extension: `x-${string}`]: unknown
}
