// SPDX-License-Identifier: Apache-2.0
import { type Container, EngineError, type Network } from 'tscontainer'
import type { TellProgress } from '../progress/project-progress.js'
import { described } from './project-containers.js'
import { whileLocked } from './project-lock.js'
import type { RunningProject } from './running-project.js'
import { removeContainers } from './take-down.js'
import type { Keeper } from './up-context.js'

/** What one handle of a project made, to be removed with it. */
export class MadeThings implements Keeper {
  readonly #containers = new Map<string, Container>()
  readonly #networks: Network[] = []

  readonly container = (container: Container): void => {
    this.#containers.set(container.id, container)
  }

  readonly network = (network: Network): void => {
    this.#networks.push(network)
  }

  /** Stops and removes it, dependents first, with volumes without a name. Networks that others are on stay. */
  async remove(project: RunningProject, tell: TellProgress): Promise<void> {
    const containers = [...this.#containers.values()].flatMap((one) => described(one) ?? [])
    const networks = this.#networks.splice(0)
    this.#containers.clear()
    if (containers.length + networks.length === 0) return
    await whileLocked(project, undefined, async () => {
      await removeContainers(project, containers, { options: { volumes: true }, tell })
      await Promise.all(networks.map(removeUnused))
    })
  }
}

async function removeUnused(network: Network): Promise<void> {
  try {
    await network.remove()
  } catch (error) {
    if (!EngineError.is(error, 'ERR_NETWORK_IN_USE') && !EngineError.is(error, 'ERR_NETWORK_NOT_FOUND')) throw error
  }
}
