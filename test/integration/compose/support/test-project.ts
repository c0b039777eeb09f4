// SPDX-License-Identifier: Apache-2.0
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Container } from 'tscontainer'
import { type LoadOptions, Project } from 'tscontainer/compose'
import { findContainers } from '../../../../src/compose/run/project-containers.js'
import type { TestEngine } from '../../../support/test-engine.js'

/** Projects of one test file: their files are in its directory, their images are `box`, the machine's own. */
export interface TestProjects {
  /** The project of that name, of a compose file with this text and what is beside it. */
  load(
    name: string,
    text: string,
    options?: LoadOptions & { readonly files?: Readonly<Record<string, string>> },
  ): Promise<Project>
}

/** Makes projects in the engine of a test file. */
export const useTestProjects = (host: TestEngine): TestProjects => {
  let tagged = false
  return {
    async load(name, text, { files = {}, ...options } = {}) {
      if (!tagged) await host.image.tag('box')
      tagged = true
      const directory = join(host.directory, name)
      for (const [file, content] of Object.entries({ ...files, 'compose.yaml': text })) {
        await mkdir(dirname(join(directory, file)), { recursive: true })
        await writeFile(join(directory, file), content)
      }
      return await Project.load(join(directory, 'compose.yaml'), { env: {}, name, engine: host.engine, ...options })
    },
  }
}

/** The containers of a project by name, running or not. */
export const containersOf = async (project: Project): Promise<ReadonlyMap<string, Container>> => {
  const found = await findContainers(project.running, { all: true, oneoff: 'include' })
  return new Map(found.map(({ container }) => [container.name, container]))
}

/** What an operation tells, each as `phase name`, without what tells nothing of containers, networks and volumes. */
export const phasesOf = async (operation: AsyncIterable<{ readonly type: string }>): Promise<readonly string[]> => {
  const phases: string[] = []
  for await (const event of operation) {
    if ('phase' in event && 'name' in event) phases.push(`${event.phase} ${event.name}`)
  }
  return phases
}
