// SPDX-License-Identifier: Apache-2.0
import type { LayerContext } from '../../layer/layer-context.js'
import type { Digest } from '../../oci/digest.js'
import { layerName } from '../../store/store-paths.js'
import { type CopySource, sourceArguments } from '../context/copy-source.js'
import type { SourceSelection } from '../context/source-selection.js'
import { makeLayer, type SealedLayer } from './make-layer.js'
import { type StepTimes, timeArguments } from './step-times.js'

/** COPY, and ADD of what is there. */
export interface CopyStep {
  /** What it goes on top of, the lowest first. */
  readonly layers: readonly Digest[]
  readonly source: CopySource
  readonly selection: SourceSelection
  /** Absolute, links followed inside the root; a slash at its end says that it is a directory. */
  readonly destination: string
  /** `user`, `user:group`, by number or by a name of the root's own /etc/passwd and /etc/group. By default root, from layers the owner it has. */
  readonly owner?: string | undefined
  /** Octal, or symbolic as chmod(1) has it. */
  readonly mode?: string | undefined
  /** The layer depends on nothing below it (`--link`); names of owners are then unknown. */
  readonly link?: boolean | undefined
  /** Files that are archives by their content are unpacked (ADD). */
  readonly unpack?: boolean | undefined
  /** The digest that was decided upon: where the files are not that any more, ERR_CONTEXT_CHANGED. */
  readonly expected?: string | undefined
  readonly times?: StepTimes | undefined
}

/** A copy that was made. */
export interface CopiedLayer {
  readonly layer: SealedLayer
  /** Of what was copied, as `digestSource` tells it. */
  readonly digest: string
  readonly skippedDevices: number
  readonly droppedXattrs: number
}

/**
 * Makes a layer of a copy. Every file was hashed in the state in which it is copied. ERR_FILE_NOT_FOUND, ERR_CONTEXT_CHANGED, ERR_USER_NOT_FOUND,
 * ERR_INVALID_ARGUMENT for patterns and modes, ERR_FILE_TYPE where a file and a directory meet, ERR_UNSUPPORTED for archives by xz or bzip2.
 * The caller holds a lease.
 */
export async function copyStep(context: LayerContext, step: CopyStep, signal?: AbortSignal): Promise<CopiedLayer> {
  const { args, fds } = sourceArguments(step.source, step.selection)
  const connection = await context.connection()
  const { layer, result } = await makeLayer(
    context,
    async (name) => {
      const message = {
        ...args,
        name,
        layers: step.link ? [] : step.layers.map(layerName),
        destination: step.destination,
        owner: step.owner,
        mode: step.mode,
        unpack: step.unpack ?? false,
        expected: step.expected,
        ...timeArguments(step.times),
      }
      const doing = `copy ${step.selection.sources.join(' ')} to ${step.destination}`
      return (await connection.request('build.copy', message, { fds, signal, failure: { doing } })).result
    },
    signal,
  )
  if (layer === null) throw new TypeError('a copy has a layer')
  const { digest, skippedDevices = 0, droppedXattrs = 0 } = result
  return { layer, digest, skippedDevices, droppedXattrs }
}
