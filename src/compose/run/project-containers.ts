// SPDX-License-Identifier: Apache-2.0
import { Container } from 'tscontainer'
import { composeLabels } from '../project/labels.js'
import type { ProjectIdentity } from './running-project.js'

/** A container of a project, as its labels tell. */
export interface ProjectContainer {
  readonly service: string
  /** From 1; of `run` whatever it was given. */
  readonly number: number
  /** Whether it is one of `run`. */
  readonly oneoff: boolean
  /** Of what it was made from. */
  readonly configHash: string
  /** The id of its image. */
  readonly imageId: string
  readonly container: Container
}

/** Which containers of a project; all that is given has to hold. */
export interface ProjectContainerFilter {
  /** Of these services alone. */
  readonly services?: readonly string[] | undefined
  /** Those of `run`: left out by default, `include` for them too, `only` for them alone. */
  readonly oneoff?: 'exclude' | 'include' | 'only' | undefined
  /** Also those that do not run; false by default. */
  readonly all?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/** The containers of a project, whichever process made them, by service and number. */
export async function findContainers(
  { engine, origin }: ProjectIdentity,
  { services, oneoff = 'exclude', all, signal }: ProjectContainerFilter = {},
): Promise<readonly ProjectContainer[]> {
  const labels = { [composeLabels.project]: origin.name }
  const found = (await Container.list({ engine, labels, all, signal })).flatMap(
    (container) => described(container) ?? [],
  )
  return found
    .filter((one) => services === undefined || services.includes(one.service))
    .filter((one) => oneoff === 'include' || one.oneoff === (oneoff === 'only'))
    .sort((one, other) => compare(one.service, other.service) || one.number - other.number)
}

/**
 * The container with what its labels tell; undefined if it is none of a service. Images that compose built have the labels of project and service,
 * too: the hash of the configuration is in those of containers alone.
 */
export function described(container: Container): ProjectContainer | undefined {
  const { labels } = container
  const service = labels[composeLabels.service]
  const configHash = labels[composeLabels.configHash]
  if (service === undefined || configHash === undefined) return undefined
  const number = Number(labels[composeLabels.number])
  return {
    service,
    number: Number.isSafeInteger(number) ? number : 0,
    oneoff: labels[composeLabels.oneoff]?.toLowerCase() === 'true',
    configHash,
    imageId: container.image.id,
    container,
  }
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)
