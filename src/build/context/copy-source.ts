// SPDX-License-Identifier: Apache-2.0
import type { SourceArguments } from '../../native/build-messages.js'
import type { Digest } from '../../oci/digest.js'
import { layerName } from '../../store/store-paths.js'
import type { BuildContext } from './build-context.js'
import type { SourceSelection } from './source-selection.js'

/** Where files are copied from: a context, or the root that layers (of a stage, an image) show, the lowest first. */
export type CopySource = BuildContext | { readonly layers: readonly Digest[] }

/** A source and a selection as a message has them; what it needs of descriptors is put at the end of `fds`. */
export function sourceArguments(source: CopySource, selection: SourceSelection, fds: number[]): SourceArguments {
  if ('root' in source) return { context: fds.push(source.root.fd) - 1, selection }
  return { from: source.layers.map(layerName), selection }
}
