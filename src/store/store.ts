// SPDX-License-Identifier: Apache-2.0
import { BlobStore } from './blob-store.js'
import { BuildRecords } from './build-records.js'
import { type Collected, type CollectOptions, collectGarbage } from './collect-garbage.js'
import { ContainerNames } from './container-names.js'
import { type FileLocker, type HeldLock, withLock } from './file-locker.js'
import { ImageNames } from './image-names.js'
import { LayerRecords } from './layer-records.js'
import { leftReplacements, makeDirectories, markLayout, removeReplacements } from './store-layout.js'
import type { StorePaths } from './store-paths.js'

/** How much disk the store's parts take. */
export interface StoreUsage {
  /** Compressed layers, manifests and configs. */
  readonly blobs: { readonly count: number; readonly bytes: number }
  /** Unpacked layers. */
  readonly layers: { readonly count: number; readonly bytes: number }
}

/** Where a store is, and how it locks. */
export interface StoreOptions {
  /** Absolute; made, private to its owner, if it is not there. */
  readonly root: string
  readonly locker: FileLocker
}

/**
 * Everything on disk below an engine's root, which is itself an OCI image layout that other tools can read. Shared by all
 * processes that open it; holds no descriptor and no lock while nothing is asked of it.
 */
export class Store {
  readonly paths: StorePaths
  readonly blobs: BlobStore
  readonly images: ImageNames
  readonly layers: LayerRecords
  readonly containers: ContainerNames
  readonly builds: BuildRecords
  readonly #locker: FileLocker

  private constructor(paths: StorePaths, locker: FileLocker) {
    this.paths = paths
    this.#locker = locker
    this.blobs = new BlobStore(paths)
    this.images = new ImageNames(paths, locker)
    this.layers = new LayerRecords(paths)
    this.containers = new ContainerNames(paths)
    this.builds = new BuildRecords(paths)
  }

  /** Opens the store, making it if need be. ERR_PERMISSION for another user's, ERR_UNSUPPORTED for another version's. */
  static async open({ root, locker }: StoreOptions): Promise<Store> {
    const paths = await makeDirectories(root)
    await withLock(locker, { path: paths.lock('store'), mode: 'exclusive' }, async () => {
      await markLayout(paths)
      const left = await leftReplacements(paths)
      if (left.length === 0) return
      const index = { path: paths.lock('index'), mode: 'exclusive' } as const
      await withLock(locker, index, () => removeReplacements(left))
    })
    return new Store(paths, locker)
  }

  /** Keeps garbage collection away until released: for whoever adds content that has no name yet. */
  async lease(signal?: AbortSignal): Promise<HeldLock> {
    return await this.#locker.lock(this.paths.lock('garbage'), 'shared', { signal })
  }

  /** Removes what nothing leads to and is older than the grace; waits for leases to end. */
  async collect(options: CollectOptions & { readonly signal?: AbortSignal | undefined }): Promise<Collected> {
    const lock = { path: this.paths.lock('garbage'), mode: 'exclusive', signal: options.signal } as const
    return await withLock(this.#locker, lock, () => collectGarbage(this, options))
  }

  async diskUsage(): Promise<StoreUsage> {
    const blobs = { count: 0, bytes: 0 }
    for await (const { sizeBytes } of this.blobs.list()) {
      blobs.count++
      blobs.bytes += sizeBytes
    }
    const layers = await this.layers.list()
    return {
      blobs,
      layers: { count: layers.length, bytes: layers.reduce((sum, { record }) => sum + (record?.sizeBytes ?? 0), 0) },
    }
  }
}
