// SPDX-License-Identifier: Apache-2.0

import { type LoadedProject, loadProject } from '../../../../src/compose/load/load-project.js'
import type { ProjectModel } from '../../../../src/compose/model/project-model.js'
import type { RunningProject } from '../../../../src/compose/run/running-project.js'
import { buildOptions } from '../../../../src/compose/translate/build-options.js'
import { containerOptions } from '../../../../src/compose/translate/container-options.js'
import type { ContainerRequest, ServiceResources } from '../../../../src/compose/translate/container-request.js'
import { networkOptions } from '../../../../src/compose/translate/network-options.js'
import { volumeOptions } from '../../../../src/compose/translate/volume-options.js'
import type { ComposeWarning } from '../../../../src/compose.js'
import type {
  BuildOptions,
  Container,
  ContainerOptions,
  Engine,
  NetworkCreateOptions,
  VolumeCreateOptions,
} from '../../../../src/index.js'
import { projectWith } from '../support/load.js'

/** What a document comes to. */
export interface Translated {
  readonly model: ProjectModel
  readonly options: ContainerOptions
  readonly build: BuildOptions | undefined
  readonly network: NetworkCreateOptions | undefined
  readonly volume: VolumeCreateOptions | undefined
  readonly reports: readonly ComposeWarning[]
}

const part = { services: { part: { image: 'img', labels: { held: `\${FROM_FILE:-nothing}` } } } }
const files = {
  'part/compose.yaml': JSON.stringify(part),
  'own/.env': 'FROM_FILE=other',
  'given.env': 'FROM_FILE=1',
  'given.labels': 'from.file=1',
  secret: 'shh',
}

/** A project of a file in a directory of its own, with files beside it, until the test ends; and what loading it warned of. */
export async function projectOf(document: object): Promise<RunningProject & Pick<LoadedProject, 'warnings'>> {
  const directory = projectWith({ ...files, 'compose.yaml': JSON.stringify(document) })
  const loaded = await loadProject(directory, { env: { HELD: 'here' } })
  const drivers = { logs: ['file', 'none', 'callback', 'plugged'], volumes: ['local', 'plugged'] }
  return { ...loaded, engine: { drivers } as unknown as Engine, origin: { name: loaded.model.name, ...loaded } }
}

const other = {
  id: 'f00d',
  name: 'shop-db-1',
  inspect: async () => ({
    mounts: [
      { type: 'volume', source: 'shop_data', target: '/data', readonly: false },
      { type: 'tmpfs', source: null, target: '/tmp', readonly: false },
    ],
  }),
} as unknown as Container

/** Nothing but one other container. */
export const resources: ServiceResources = {
  networks: new Map(),
  volumes: new Map(),
  containers: new Map([['db', [other]]]),
}

/** Everything that the document comes to: its service `web`, its network and its volume `one`. */
export async function translateDocument(
  document: object,
  request: Partial<ContainerRequest> = {},
): Promise<Translated> {
  const project = await projectOf(document)
  const { options, reports } = await containerOptions(project, { service: 'web', number: 1, ...request }, resources)
  const build = await buildOptions(project, 'web')
  const network = 'one' in project.model.networks ? networkOptions(project, 'one') : undefined
  const volume = 'one' in project.model.volumes ? volumeOptions(project, 'one') : undefined
  return {
    model: project.model,
    options,
    build: build?.options,
    network: network?.kind === 'create' ? network.options : undefined,
    volume: volume?.kind === 'create' ? volume.options : undefined,
    reports: [...project.warnings, ...reports, ...(build?.reports ?? []), ...(network?.reports ?? [])],
  }
}
