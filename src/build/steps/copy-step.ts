// SPDX-License-Identifier: Apache-2.0
import type { LayerContext } from '../../layer/layer-context.js'
import type { Digest } from '../../oci/digest.js'
import { layerName } from '../../store/store-paths.js'
import { type CopySource, sourceArguments } from '../context/copy-source.js'
import type { SourceSelection } from '../context/source-selection.js'
import { makeLayer, type SealedLayer } from './make-layer.js'
import { type StepTimes, timeArguments } from './step-times.js'

/** What a copy takes from one place. */
export interface CopyPart {
  readonly source: CopySource
  readonly selection: SourceSelection
  /** Files that are archives by their content are unpacked (ADD). */
  readonly unpack?: boolean | undefined
  /** The digest that was decided upon: where the files are not that any more, ERR_CONTEXT_CHANGED. */
  readonly expected?: string | undefined
}

/** COPY, and ADD of what is there. */
export interface CopyStep {
  /** What it goes on top of, the lowest first. */
  readonly layers: readonly Digest[]
  /** One after the other: what comes later replaces what came before. */
  readonly sources: readonly CopyPart[]
  /** Absolute, links followed inside the root; a slash at its end says that it is a directory. */
  readonly destination: string
  /**
   * `user`, `user:group`, `:group`, by number or by a name of the root's own /etc/passwd and /etc/group; one that these do not have is root.
   * By default root, from layers the owner it has.
   */
  readonly owner?: string | undefined
  /** Octal, or symbolic as chmod(1) has it. */
  readonly mode?: string | undefined
  /** The layer depends on nothing below it (`--link`); names of owners are then unknown. */
  readonly link?: boolean | undefined
  readonly times?: StepTimes | undefined
}

/** A copy that was made. */
export interface CopiedLayer {
  readonly layer: SealedLayer
  /** Of what was copied from each source, as `digestSource` tells it. */
  readonly digests: readonly string[]
  readonly skippedDevices: number
  readonly droppedXattrs: number
}

/**
 * Makes a layer of a copy. Every file was hashed in the state in which it is copied. ERR_FILE_NOT_FOUND, ERR_CONTEXT_CHANGED,
 * ERR_INVALID_ARGUMENT for patterns and modes, ERR_FILE_TYPE where a file and a directory meet. The caller holds a lease.
 */
export async function copyStep(context: LayerContext, step: CopyStep, signal?: AbortSignal): Promise<CopiedLayer> {
  const fds: number[] = []
  const sources = step.sources.map(({ source, selection, unpack = false, expected }) => {
    return { ...sourceArguments(source, selection, fds), unpack, expected }
  })
  const connection = await context.connection()
  const { layer, result } = await makeLayer(
    context,
    async (name) => {
      const message = {
        sources,
        name,
        layers: step.link ? [] : step.layers.map(layerName),
        destination: step.destination,
        owner: step.owner,
        mode: step.mode,
        ...timeArguments(step.times),
      }
      const names = step.sources.flatMap(({ selection }) => selection.sources)
      const doing = `copy ${names.join(' ')} to ${step.destination}`
      return (await connection.request('build.copy', message, { fds, signal, failure: { doing } })).result
    },
    signal,
  )
  if (layer === null) throw new TypeError('a copy has a layer')
  const { digests, skippedDevices = 0, droppedXattrs = 0 } = result
  return { layer, digests, skippedDevices, droppedXattrs }
}
