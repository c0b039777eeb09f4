// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { loadProject } from '../../../../src/compose/load/load-project.js'
import type { RunningProject } from '../../../../src/compose/run/running-project.js'
import { containerOptions } from '../../../../src/compose/translate/container-options.js'
import { networkOptions } from '../../../../src/compose/translate/network-options.js'
import { volumeOptions } from '../../../../src/compose/translate/volume-options.js'
import { Container, Network, Volume } from '../../../../src/index.js'
import type { TestEngine } from '../../../support/test-engine.js'

/** A project whose services are made one by one, until the test ends. */
export interface TranslatedProject {
  readonly project: RunningProject
  /** A container of the service, which shares with those that were made before; it is not started. */
  create(service: string): Promise<Container>
  /** The same, started. */
  run(service: string): Promise<Container>
  /** Everything that it wrote until its end. */
  output(service: string): Promise<string>
}

/** Loads the document and makes its networks and volumes. Images are the machine's own, whatever the document says. */
export async function translated(
  host: TestEngine,
  document: object,
  files: Readonly<Record<string, string>> = {},
): Promise<TranslatedProject> {
  const { engine } = host
  const project = await loaded(host, document, files)
  const networks = new Map<string, Network>()
  const volumes = new Map<string, Volume>()
  const containers = new Map<string, Container[]>()
  onTestFinished(async () => {
    for (const container of [...containers.values()].flat()) await container.remove({ force: true, volumes: true })
    for (const thing of [...networks.values(), ...volumes.values()]) await thing.remove()
  })
  for (const key of Object.keys(project.model.networks)) {
    const found = networkOptions(project, key)
    if (found.kind === 'create') networks.set(key, await Network.create({ ...found.options, engine }))
  }
  for (const key of Object.keys(project.model.volumes)) {
    const found = volumeOptions(project, key)
    if (found.kind === 'create') volumes.set(key, await Volume.create({ ...found.options, engine }))
  }
  const create = async (service: string): Promise<Container> => {
    const known = containers.get(service) ?? []
    const request = { service, number: known.length + 1 }
    const { options } = await containerOptions(project, request, { networks, volumes, containers })
    const container = await Container.create(host.image, { ...options, engine })
    containers.set(service, [...known, container])
    return container
  }
  const run = async (service: string): Promise<Container> => {
    const container = await create(service)
    await container.start()
    return container
  }
  return { project, create, run, output: async (service) => await written(await run(service)) }
}

async function loaded(
  host: TestEngine,
  document: object,
  files: Readonly<Record<string, string>>,
): Promise<RunningProject> {
  const directory = await mkdtemp(join(host.directory, 'project-'))
  for (const [name, text] of Object.entries({ ...files, 'compose.yaml': JSON.stringify(document) })) {
    await mkdir(dirname(join(directory, name)), { recursive: true })
    await writeFile(join(directory, name), text)
  }
  const found = await loadProject(directory, { env: {} })
  return { ...found, engine: host.engine, origin: { name: found.model.name, ...found } }
}

async function written(container: Container): Promise<string> {
  await container.wait()
  let text = ''
  for await (const { line } of container.logs()) text += `${line}\n`
  return text
}
