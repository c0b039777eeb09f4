// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Project } from 'tscontainer/compose'
import { Container, Network } from '../../src/index.js'
import { alternate } from '../alternate.js'
import type { Outcome, Scenario } from '../scenario.js'
import { timed } from '../timed.js'
import type { Workbench } from '../workbench.js'

const count = 30
const layer = 6
const command = ['/bin/sleep', '1000']

// Five layers; each service needs two of the layer before.
function composeText(image: string): string {
  const services = Array.from({ length: count }, (_, index) => {
    const above = index - layer
    const other = above - (above % layer) + ((above + 1) % layer)
    const needs = above < 0 ? '' : `s${above}, s${other}`
    return `  s${index}: { image: "${image}", command: ${JSON.stringify(command)}, depends_on: [${needs}] }`
  })
  return `services:\n${services.join('\n')}\n`
}

// What the engine takes for as many containers on a network, that nobody has to wait for.
async function runDirectly({ engine, image }: Workbench): Promise<void> {
  const network = await Network.create({ engine })
  const making = Array.from({ length: count }, () => Container.run(image, { engine, command, network: [network] }))
  const containers = await Promise.all(making)
  await Promise.all(containers.map((container) => container.remove({ force: true })))
  await network.remove()
}

export const compose: Scenario = {
  name: 'compose',
  run: async (bench): Promise<Outcome> => {
    const directory = await mkdtemp(join(tmpdir(), 'tscontainer-bench-'))
    try {
      const file = join(directory, 'compose.yaml')
      await bench.image.tag('bench-compose')
      await writeFile(file, composeText('bench-compose'))
      const project = await Project.load(file, { engine: bench.engine, name: 'bench', env: {} })
      let unchanged = Number.POSITIVE_INFINITY
      const life = async () => {
        const up = await timed(() => project.up())
        unchanged = Math.min(unchanged, await timed(() => project.up()))
        await project.down({ timeoutMs: 0 })
        return up
      }
      const directly = { name: 'containers alone, and their removal', run: () => timed(() => runDirectly(bench)) }
      const measured = await alternate({ name: 'ours', run: life }, [directly], { rounds: 5, repeat: 1 })
      const title = `up of ${count} services, five of them one after the other`
      return { scenario: 'compose', title, unit: 'ms', ...measured, details: { 'up where nothing changed': unchanged } }
    } finally {
      await rm(directory, { recursive: true })
    }
  },
}
