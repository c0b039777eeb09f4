// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '../../oci/digest.js'
import type { Root } from '../solver/work.js'

/** The layers of a root that there are, the lowest first. */
export function diffIdsOf({ layers }: Root): readonly Digest[] {
  return layers.filter(({ isEmpty }) => !isEmpty).map(({ diffId }) => diffId)
}
