// SPDX-License-Identifier: Apache-2.0
import { requireTrust } from '../../image/image-trust.js'
import type { TransferContext } from '../../image/pull-context.js'
import { pulledReference, remoteOf } from '../../image/pull-image.js'
import { pullLayer, pullSmallBlob, pullWholeBlob } from '../../image/pull-layer.js'
import { isIndexType, isManifestType } from '../../oci/media-types.js'
import { hostPlatform } from '../../oci/platform.js'
import { cacheReference, type RegistryBuildCache } from './cache-options.js'
import { type CacheSource, readCache, unusable } from './cache-source.js'

// What manifests and configs are bounded by in readCache; this one is before that is known.
const maxSmallBlob = 8 * 1024 * 1024

/** A cache on a registry, or an image there that has one inline. Asked when a build first needs it. */
export function registrySource(
  context: TransferContext,
  { reference: text, auth }: Omit<RegistryBuildCache, 'type'>,
): CacheSource {
  const reference = pulledReference(text)
  const name = cacheReference(text, 'cacheFrom')
  const remoteNow = () => remoteOf(context, reference, auth)
  return {
    name,
    open: async (signal) => {
      const remote = await remoteNow()
      const { client, repository } = remote
      const request = { auth, signal }
      const wanted = reference.digest ?? reference.tag ?? 'latest'
      const { descriptor: top, bytes } = await client.manifest(repository, wanted, request)
      await requireTrust(context, { remote, reference, verify: undefined, signal }, top.digest)
      const platform = context.platform ?? hostPlatform()
      return await readCache(
        async (blob) => {
          if (blob.digest === top.digest) return bytes
          if (isManifestType(blob.mediaType) || isIndexType(blob.mediaType))
            return (await client.manifest(repository, blob.digest, request)).bytes
          if (blob.size > maxSmallBlob) throw unusable(`has a config of ${blob.size} bytes`)
          return await pullSmallBlob(context, { remote, blob, signal })
        },
        top,
        platform,
      )
    },
    bring: async (layer, signal) =>
      await pullLayer(context, { remote: await remoteNow(), layer, signal, callerSignal: signal, onPhase: () => {} }),
    fetch: async (blob, signal) => {
      await pullWholeBlob(context, { remote: await remoteNow(), blob, signal })
    },
  }
}
