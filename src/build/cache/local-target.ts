// SPDX-License-Identifier: Apache-2.0
import { mkdir, stat, unlink } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { blobPath } from '../../image/save-content.js'
import { saveDirectory } from '../../image/save-directory.js'
import { indexToJson, readIndex } from '../../oci/image-index.js'
import { layoutHeader, refNameAnnotation } from '../../oci/layout.js'
import { parseManifest } from '../../oci/manifest.js'
import { mediaTypes } from '../../oci/media-types.js'
import type { Store } from '../../store/store.js'
import { readRegularFile } from '../../util/atomic-file.js'
import { cacheConfigType } from './cache-document.js'
import type { CacheTarget, CacheToWrite } from './cache-target.js'
import { localCacheName } from './local-source.js'

const maxDocument = 8 * 1024 * 1024

/** A directory, which is an OCI layout. What only the cache before named is removed, so that it does not grow for ever. */
export function localTarget(store: Store, path: string): CacheTarget {
  const directory = resolve(path)
  const place = (digest: CacheToWrite['config']['digest']) => join(directory, blobPath(digest))
  return {
    name: directory,
    has: async ({ digest, size }) => (await stat(place(digest)).catch(() => null))?.size === size,
    write: async (cache, signal) => {
      await mkdir(dirname(directory), { recursive: true })
      const old = await blobsBefore(directory)
      await saveDirectory(directory, { store, content: contentOf(cache), signal })
      const now = new Set([cache.manifest, cache.config, ...cache.layers].map(({ digest }) => digest))
      for (const digest of old) if (!now.has(digest)) await unlink(place(digest)).catch(() => {})
    },
  }
}

function contentOf({ manifest, config, layers }: CacheToWrite) {
  const entries = [{ ...manifest, annotations: { [refNameAnnotation]: localCacheName } }]
  const index = indexToJson({ schemaVersion: 2, mediaType: mediaTypes.index, manifests: entries })
  const blobs = [manifest, config, ...layers].map(({ digest, size }) => ({
    path: blobPath(digest),
    blob: digest,
    size,
  }))
  return { entries, files: [{ path: 'oci-layout', data: layoutHeader }, { path: 'index.json', data: index }, ...blobs] }
}

// Where other images are in the directory nothing is removed.
async function blobsBefore(directory: string): Promise<readonly CacheToWrite['config']['digest'][]> {
  try {
    const index = await readRegularFile(join(directory, 'index.json'), maxDocument)
    const { manifests } = readIndex(JSON.parse(Buffer.from(index ?? []).toString()))
    const [own, ...others] = manifests
    if (!own || others.length > 0 || own.annotations?.[refNameAnnotation] !== localCacheName) return []
    const bytes = await readRegularFile(join(directory, blobPath(own.digest)), maxDocument)
    const { config, layers } = parseManifest(bytes ?? '', own.mediaType)
    if (config.mediaType !== cacheConfigType) return []
    return [own, config, ...layers].map(({ digest }) => digest)
  } catch {
    return []
  }
}
