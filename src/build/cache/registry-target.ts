// SPDX-License-Identifier: Apache-2.0
import { fullTag } from '../../image/image-options.js'
import type { TransferContext } from '../../image/pull-context.js'
import { remoteOf } from '../../image/pull-image.js'
import { pushTo } from '../../image/push-image.js'
import { parseReference } from '../../oci/reference.js'
import type { RegistryBuildCache } from './cache-options.js'
import type { CacheTarget } from './cache-target.js'

/** A tag of a repository; what the repository has already is not sent again. */
export function registryTarget(
  context: TransferContext,
  { reference: text, auth }: Omit<RegistryBuildCache, 'type'>,
): CacheTarget {
  const name = fullTag(text, 'cacheTo')
  const reference = parseReference(name)
  const remote = () => remoteOf(context, reference, auth)
  return {
    name,
    has: async ({ digest }, signal) => {
      const { client, repository } = await remote()
      return await client.hasBlob(repository, digest, { auth, signal })
    },
    write: async ({ manifest, bytes, config, missing }, signal) => {
      const content = { documents: [{ descriptor: manifest, bytes }], blobs: [config, ...missing] }
      await pushTo(context, { remote: await remote(), content, signal }, reference)
    },
  }
}
