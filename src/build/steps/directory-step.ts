// SPDX-License-Identifier: Apache-2.0
import type { LayerContext } from '../../layer/layer-context.js'
import type { Digest } from '../../oci/digest.js'
import { layerName } from '../../store/store-paths.js'
import { makeLayer, type SealedLayer } from './make-layer.js'
import { type StepTimes, timeArguments } from './step-times.js'

/** WORKDIR: a directory that has to be there. */
export interface DirectoryStep {
  /** What it goes on top of, the lowest first. */
  readonly layers: readonly Digest[]
  /** Absolute; links are followed inside the root. */
  readonly path: string
  /** As that of a copy; root by default. Of the directories that are made. */
  readonly owner?: string | undefined
  readonly times?: StepTimes | undefined
}

/**
 * Makes a layer with the directory, 0755; null where it is there already. ERR_FILE_TYPE where something else is in the way, ERR_USER_NOT_FOUND.
 * The caller holds a lease.
 */
export async function directoryStep(
  context: LayerContext,
  step: DirectoryStep,
  signal?: AbortSignal,
): Promise<SealedLayer | null> {
  const { path, owner } = step
  const connection = await context.connection()
  const { layer } = await makeLayer(
    context,
    async (name) => {
      const message = { name, layers: step.layers.map(layerName), path, owner, ...timeArguments(step.times) }
      return (await connection.request('build.mkdir', message, { signal, failure: { doing: `make ${path}` } })).result
    },
    signal,
  )
  return layer
}
