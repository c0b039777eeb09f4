// SPDX-License-Identifier: Apache-2.0
import type { LayerSource } from '../../layer/ensure-layer.js'
import type { LayerContext } from '../../layer/layer-context.js'
import { type Digest, digestOf } from '../../oci/digest.js'
import { storedCache } from '../solver/stored-cache.js'
import type { CacheKey, WorkCache, WorkRecord } from '../solver/work.js'
import type { CacheSource } from './cache-source.js'
import { foreignProblem } from './foreign-problem.js'
import { ImportedCache, type ImportedRecord } from './imported-cache.js'

/** What an {@link ImportingCache} works with. */
export interface ImportingOptions {
  readonly context: LayerContext
  /** Asked in this order. */
  readonly sources: readonly CacheSource[]
  /** The layers of images that the build names, as far as they are known by now. */
  images(): ReadonlyMap<Digest, LayerSource>
  /** Told what was of no use. */
  onWarning(message: string): void
  readonly signal: AbortSignal
}

/** What another cache has of a step, and which that is. */
export interface FoundRecord {
  readonly cache: ImportedCache
  readonly record: ImportedRecord
}

/**
 * The cache of a store, and behind it others that somebody else fills. Those are opened when the store does not know something, and what
 * they are wrong about costs a warning. What they said, and all that was made on it, is filed under keys that only builds with the same list of
 * caches compute: to all others it is as if it were not there.
 */
export class ImportingCache implements WorkCache {
  readonly #local: WorkCache
  readonly #options: ImportingOptions
  readonly #scope: string
  #opened: Promise<readonly ImportedCache[]> | undefined

  constructor(options: ImportingOptions) {
    this.#local = storedCache(options.context)
    this.#options = options
    this.#scope = JSON.stringify(options.sources.map(({ name }) => name))
  }

  async alias({ digest, imported }: CacheKey): Promise<CacheKey | undefined> {
    const own = imported ? undefined : await this.#local.alias({ digest })
    if (own) return own
    const filed = await this.#filedAlias(digest)
    if (filed) return { digest: filed, imported: true }
    for (const cache of await this.#caches()) {
      const key = cache.alias(digest)
      if (key) return { digest: key, imported: true }
    }
    return undefined
  }

  async setAlias({ digest, imported }: CacheKey, key: Digest): Promise<void> {
    if (imported) await this.#local.setAlias({ digest: this.#apart(digest) }, this.#apart(key))
    else await this.#local.setAlias({ digest }, key)
  }

  async get(key: CacheKey): Promise<WorkRecord | undefined> {
    const stored = await this.stored(key)
    if (stored) return stored
    for (let found = await this.find(key.digest); found; found = await this.find(key.digest)) {
      const record = await this.#bring(key.digest, found)
      if (record) return record
      found.cache.drop(key.digest)
    }
    return undefined
  }

  async put({ imported, ...record }: WorkRecord): Promise<void> {
    if (!imported) return await this.#local.put(record)
    const { key, name, layers } = record
    await this.#options.context.store.builds.put({ key: this.#apart(key), name, layers, importedAs: key })
  }

  alone<T>(key: Digest, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    return this.#local.alone(key, signal, work)
  }

  /** What this store has of a step. */
  async stored({ digest, imported }: CacheKey): Promise<WorkRecord | undefined> {
    const own = imported ? undefined : await this.#local.get({ digest })
    if (own) return own
    const filed = await this.#local.get({ digest: this.#apart(digest) })
    return filed && { ...filed, key: digest, imported: true }
  }

  /** What the other caches have of a step; nothing of it is fetched. */
  async find(key: Digest): Promise<FoundRecord | undefined> {
    for (const cache of await this.#caches()) {
      const record = cache.record(key)
      if (record) return { cache, record }
    }
    return undefined
  }

  async #filedAlias(alias: Digest): Promise<Digest | undefined> {
    const filed = await this.#local.alias({ digest: this.#apart(alias) })
    return filed && (await this.#options.context.store.builds.read(filed.digest))?.importedAs
  }

  async #bring(key: Digest, { cache, record }: FoundRecord): Promise<WorkRecord | undefined> {
    const { images, signal } = this.#options
    try {
      const layers = await cache.bring(record, images(), signal)
      const known: WorkRecord = { key, name: record.name, layers, imported: true }
      await this.put(known)
      return known
    } catch (error) {
      this.#warn(cache.source, error)
      return undefined
    }
  }

  #caches(): Promise<readonly ImportedCache[]> {
    this.#opened ??= this.#open()
    return this.#opened
  }

  async #open(): Promise<readonly ImportedCache[]> {
    const { context, sources, signal } = this.#options
    const opened = await Promise.all(
      sources.map(async (source) => {
        try {
          return [new ImportedCache(context, source, await source.open(signal))]
        } catch (error) {
          this.#warn(source, error)
          return []
        }
      }),
    )
    return opened.flat()
  }

  #warn({ name }: CacheSource, error: unknown): void {
    this.#options.signal.throwIfAborted()
    this.#options.onWarning(`the cache ${name} is of no use: ${foreignProblem(error)}`)
  }

  #apart(digest: Digest): Digest {
    return digestOf(JSON.stringify(['imported', this.#scope, digest]))
  }
}
