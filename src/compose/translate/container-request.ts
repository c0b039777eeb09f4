// SPDX-License-Identifier: Apache-2.0
import type { Container, ContainerOptions, Network, Volume } from 'tscontainer'
import type { ComposeWarning } from '../document/warning.js'
import type { ServiceModel } from '../model/service-model.js'

/** Which container of a project is to be made. */
export interface ContainerRequest {
  /** The service's name. */
  readonly service: string
  /** From 1. */
  readonly number: number
  /** Whether it is one of `run`: its name is made up, it is not started again by itself, and others do not find it by its service. */
  readonly oneoff?: boolean | undefined
  /** What it has in the place of what its service says; the configuration hash is the service's all the same. */
  readonly overrides?: Partial<ServiceModel> | undefined
  /** Whether its service's name and aliases lead to it; by default unless it is one of `run`. */
  readonly aliases?: boolean | undefined
  /** Whether it outlives this process; false by default. */
  readonly detached?: boolean | undefined
  /** The id of its image, for the label that tools read. */
  readonly imageId?: string | undefined
  /** Volumes without a name that the container before it had, by their places inside: it takes them over. */
  readonly inherited?: ReadonlyMap<string, string> | undefined
}

/** What containers of a service are connected to, as it is there already. */
export interface ServiceResources {
  /** By the keys of the project; those of the host's own network and of no network are left out. */
  readonly networks: ReadonlyMap<string, Network>
  /** By the keys of the project. */
  readonly volumes: ReadonlyMap<string, Volume>
  /** Of services that it names in network_mode, ipc, pid, uts, volumes_from and links, the first one first. */
  readonly containers: ReadonlyMap<string, readonly Container[]>
}

/** A container as it is to be made. */
export interface TranslatedContainer {
  /** Without `pull`: the image is there. */
  readonly options: ContainerOptions
  /** What it is run from. */
  readonly image: string
  /** Whether the project builds that image. */
  readonly isBuilt: boolean
  /** What of the service has no effect, and why. */
  readonly reports: readonly ComposeWarning[]
}
