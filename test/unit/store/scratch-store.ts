// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import type { Descriptor } from '../../../src/oci/descriptor.js'
import { digestOf } from '../../../src/oci/digest.js'
import { imageDocumentToJson } from '../../../src/oci/image-document.js'
import { manifestToJson } from '../../../src/oci/manifest.js'
import { mediaTypes } from '../../../src/oci/media-types.js'
import { Store } from '../../../src/store/store.js'
import { flockLocker } from './flock-locker.js'

const scratch: string[] = []
afterEach(async () => {
  for (const directory of scratch.splice(0)) await rm(directory, { recursive: true, force: true })
})

/** A directory that is gone after the test. */
export async function scratchDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'tsc-store-'))
  scratch.push(directory)
  return directory
}

export async function openStore(root?: string): Promise<Store> {
  return await Store.open({ root: root ?? join(await scratchDirectory(), 'root'), locker: flockLocker })
}

/** Puts an image of one layer with that text into the store; its manifest's descriptor, and all its digests. */
export async function putImage(store: Store, text: string) {
  const layer = await store.blobs.put(`compressed ${text}`)
  const diffId = digestOf(text)
  const document = { platform: { os: 'linux', architecture: 'amd64' }, config: {}, diffIds: [diffId], history: [] }
  const config = await store.blobs.put(imageDocumentToJson(document))
  const manifest = await store.blobs.put(
    manifestToJson({
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config: { ...config, mediaType: mediaTypes.config },
      layers: [{ ...layer, mediaType: mediaTypes.layerGzip }],
    }),
  )
  const descriptor: Descriptor = { ...manifest, mediaType: mediaTypes.manifest }
  return { descriptor, diffId, blobs: [manifest.digest, config.digest, layer.digest] }
}
