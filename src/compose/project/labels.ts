// SPDX-License-Identifier: Apache-2.0
import type { ServiceModel } from '../model/service-model.js'

const prefix = 'com.docker.compose.'

/** The labels that tools read, as Docker Compose sets them. */
export const composeLabels = {
  project: `${prefix}project`,
  service: `${prefix}service`,
  number: `${prefix}container-number`,
  oneoff: `${prefix}oneoff`,
  configHash: `${prefix}config-hash`,
  image: `${prefix}image`,
  dependsOn: `${prefix}depends_on`,
  workingDirectory: `${prefix}project.working_dir`,
  configFiles: `${prefix}project.config_files`,
  environmentFile: `${prefix}project.environment_file`,
  network: `${prefix}network`,
  volume: `${prefix}volume`,
  version: `${prefix}version`,
} as const

/** The release of Docker Compose whose labels these are: some tools look for one before they look at anything else. */
export const composeVersion = '2.39.4'

/** Where a project comes from. */
export interface ProjectOrigin {
  readonly name: string
  readonly directory: string
  readonly files: readonly string[]
  readonly environmentFiles: readonly string[]
}

/** One container of a service. */
export interface ServiceContainer {
  readonly service: string
  readonly model: ServiceModel
  /** From 1. */
  readonly number: number
  /** Whether it is one of `run`. */
  readonly oneoff: boolean
  readonly configHash: string
}

/** The labels of a container, over those that its service has. */
export function containerLabels(project: ProjectOrigin, container: ServiceContainer): Readonly<Record<string, string>> {
  const { service, model, number, oneoff, configHash } = container
  const labels: Record<string, string> = {
    ...model.labels,
    [composeLabels.project]: project.name,
    [composeLabels.service]: service,
    [composeLabels.number]: String(number),
    // As Python wrote it once.
    [composeLabels.oneoff]: oneoff ? 'True' : 'False',
    [composeLabels.configHash]: configHash,
    [composeLabels.dependsOn]: dependencies(model),
    [composeLabels.workingDirectory]: project.directory,
    [composeLabels.configFiles]: project.files.join(','),
    [composeLabels.version]: composeVersion,
  }
  if (project.environmentFiles.length > 0) labels[composeLabels.environmentFile] = project.environmentFiles.join(',')
  return labels
}

const dependencies = ({ depends_on: needs }: ServiceModel): string =>
  Object.entries(needs ?? {})
    .map(([name, { condition, restart }]) => `${name}:${condition}:${restart ?? false}`)
    .join(',')

/** What a container is called: `project-service-1`, unless its service says. */
export const containerName = (project: string, service: string, model: ServiceModel, number: number): string =>
  model.container_name ?? `${project}-${service}-${number}`

/** What an image is called that compose builds, unless its service says. */
export const imageName = (project: string, service: string, { image }: ServiceModel): string =>
  image ?? `${project}-${service}`
