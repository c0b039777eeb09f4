// SPDX-License-Identifier: Apache-2.0
import type { RegistryAuth, RegistryClient, RepositoryRef } from '../registry/registry-client.js'
import type { SignaturePolicy } from '../signature/signature-options.js'
import type { ImageContext } from './image-context.js'

/** What pulling and pushing need beside the store. */
export interface TransferContext extends ImageContext {
  /** The registries as the engine's options have them; made when first asked for. */
  registries(): Promise<RegistryClient>
  /** Which images must be signed by whom, as the engine's options have it. */
  readonly signatures?: readonly SignaturePolicy[] | undefined
}

/** One repository, as one caller may see it. */
export interface Remote {
  readonly client: RegistryClient
  readonly repository: RepositoryRef
  readonly auth: RegistryAuth | undefined
}
