// SPDX-License-Identifier: Apache-2.0
import type { LayerContext } from '../layer/layer-context.js'
import type { Digest } from '../oci/digest.js'
import type { Platform } from '../oci/platform.js'

/** What a container needs of the store for as long as it exists. */
export interface ImageUse {
  /** The container's name or id, for messages. */
  readonly container: string
  /** The manifest digest of its image. */
  readonly image: Digest
  /** The diffIDs of its layers. */
  readonly layers: readonly Digest[]
}

/** What the functions of this folder work with; the engine has it. */
export interface ImageContext extends LayerContext {
  /** What images are to run on: this machine's by default. */
  readonly platform?: Platform | undefined
  /** What the containers of this store use, detached and stopped ones too: none of it is ever removed. */
  uses(): Promise<readonly ImageUse[]>
}
