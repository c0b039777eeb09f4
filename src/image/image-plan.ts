// SPDX-License-Identifier: Apache-2.0
import type { LayerSource } from '../layer/ensure-layer.js'
import type { Descriptor } from '../oci/descriptor.js'
import type { Store } from '../store/store.js'

/** An image found in an archive. */
export interface ImagePlan {
  /** In full; none: it is known by its id only. */
  readonly names: readonly string[]
  /** Brings everything of it into the store, checked. */
  bringIn(store: Store, signal: AbortSignal | undefined): Promise<BroughtIn>
}

/** An image in the store that nothing names yet. */
export interface BroughtIn {
  readonly entry: Descriptor
  readonly layers: readonly LayerSource[]
}
