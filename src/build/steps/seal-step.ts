// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../../errors/engine-error.js'
import type { LayerContext } from '../../layer/layer-context.js'
import { delay } from '../../util/delay.js'
import { makeLayer, type SealedLayer } from './make-layer.js'

/** What a container wrote, to become a layer. */
export interface SealStep {
  /** The id of one that has ended and is not started again. What it wrote is moved away: it is of no use afterwards but to be removed. */
  readonly container: string
  /** Where things were mounted that are no part of the layer: what is there only for that, and empty, is left out. */
  readonly mountPoints?: readonly string[] | undefined
}

// The last processes of a container and its cgroups go a moment after its end is known.
const patienceMs = 5000
const betweenMs = 2

/**
 * Makes a layer of what a container changed, by moving its files: nothing is copied, packed or unpacked. Null where it changed nothing.
 * ERR_CONTAINER_NOT_FOUND, ERR_CONTAINER_STATE while it runs, ERR_USER_UNMAPPED for files of owners that no image can have. The caller
 * holds a lease.
 */
export async function sealStep(
  context: LayerContext,
  { container, mountPoints = [] }: SealStep,
  signal?: AbortSignal,
): Promise<SealedLayer | null> {
  const connection = await context.connection()
  const { layer } = await makeLayer(
    context,
    async (name) => {
      const deadline = Date.now() + patienceMs
      for (;;) {
        try {
          const failure = { doing: 'make a layer of what a command wrote' }
          return (await connection.request('build.seal', { name, container, mountPoints }, { signal, failure })).result
        } catch (error) {
          if (!EngineError.is(error) || error.object !== 'stopped' || error.errno !== 'EBUSY' || Date.now() > deadline)
            throw error
          await delay(betweenMs, signal)
        }
      }
    },
    signal,
  )
  return layer
}
