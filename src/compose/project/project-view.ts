// SPDX-License-Identifier: Apache-2.0
import type { ComposeWarning } from '../document/warning.js'
import type { LoadedProject } from '../load/load-project.js'
import type { ContentModel, NetworkModel, VolumeModel } from '../model/project-model.js'
import type { ServiceModel } from '../model/service-model.js'
import { type ConfigFormat, configText } from './config-output.js'

/** What the files of a project say. */
export abstract class ProjectView {
  readonly #loaded: LoadedProject

  /** @internal */
  protected constructor(loaded: LoadedProject) {
    this.#loaded = loaded
  }

  /** What its containers, networks and volumes are called after. */
  get name(): string {
    return this.#loaded.model.name
  }

  /** Where its relative paths begin; absolute. */
  get directory(): string {
    return this.#loaded.directory
  }

  /** Its files in the order of merging, without included and extended ones; absolute. */
  get files(): readonly string[] {
    return this.#loaded.files
  }

  /** The profiles that are active. */
  get profiles(): readonly string[] {
    return this.#loaded.profiles
  }

  /** The services that active profiles want, by name. */
  get services(): Readonly<Record<string, ServiceModel>> {
    return this.#loaded.model.services
  }

  /** The services that no active profile wants, by name. */
  get disabledServices(): Readonly<Record<string, ServiceModel>> {
    return this.#loaded.disabled
  }

  /** Its networks by their keys, with the default one where a service is on it. */
  get networks(): Readonly<Record<string, NetworkModel>> {
    return this.#loaded.model.networks
  }

  /** Its volumes by their keys. */
  get volumes(): Readonly<Record<string, VolumeModel>> {
    return this.#loaded.model.volumes
  }

  /** Its secrets by their keys, with what variables have. */
  get secrets(): Readonly<Record<string, ContentModel>> {
    return this.#loaded.model.secrets
  }

  /** Its configs by their keys, with what variables have. */
  get configs(): Readonly<Record<string, ContentModel>> {
    return this.#loaded.model.configs
  }

  /** What has no effect, or perhaps not the one that was meant. */
  get warnings(): readonly ComposeWarning[] {
    return this.#loaded.warnings
  }

  /**
   * The whole project in canonical form, as `docker compose config` prints it: one file that loads to the same project. Contents of
   * secrets that come from variables are not in it; values of `environment` are.
   */
  config({ format = 'yaml' }: ConfigOptions = {}): string {
    return configText(this.#loaded.model, format)
  }
}

/** How a project is printed. */
export interface ConfigOptions {
  /** Default: yaml. */
  readonly format?: ConfigFormat | undefined
}
