// SPDX-License-Identifier: Apache-2.0
import type { Descriptor } from '../oci/descriptor.js'
import type { RegistryAuth, RegistryClient, RepositoryRef } from '../registry/registry-client.js'

/** Where signatures are looked for. */
export interface SignatureSource {
  readonly client: RegistryClient
  readonly repository: RepositoryRef
  readonly auth: RegistryAuth | undefined
  readonly signal: AbortSignal | undefined
  /** A small blob of the repository, its digest checked. */
  readBlob(blob: Descriptor): Promise<Uint8Array>
}
