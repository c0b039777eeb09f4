// SPDX-License-Identifier: Apache-2.0
import type { TransferContext } from '../../image/pull-context.js'
import type { LayerSource } from '../../layer/ensure-layer.js'
import type { Digest } from '../../oci/digest.js'
import { inOrder } from '../solver/in-order.js'
import { storedCache } from '../solver/stored-cache.js'
import type { Root, Work, WorkCache } from '../solver/work.js'
import type { WorkKey } from '../solver/work-keys.js'
import { cacheDocumentToJson } from './cache-document.js'
import { type BuildCacheFrom, type BuildCacheMode, type BuildCacheTo, listOf } from './cache-options.js'
import type { CacheSource } from './cache-source.js'
import { CacheTable } from './cache-table.js'
import { type CacheTarget, writeCache } from './cache-target.js'
import { collectRecords } from './collect-records.js'
import { foreignProblem } from './foreign-problem.js'
import { ImportingCache } from './importing-cache.js'
import { localSource } from './local-source.js'
import { localTarget } from './local-target.js'
import { registrySource } from './registry-source.js'
import { registryTarget } from './registry-target.js'

/** What a build is asked of caches, and what it tells. */
export interface BuildCachesOptions {
  readonly context: TransferContext
  readonly from: BuildCacheFrom | readonly BuildCacheFrom[] | undefined
  readonly to: BuildCacheTo | readonly BuildCacheTo[] | undefined
  /** The layers of images that the build names, as far as they are known by now. */
  images(): ReadonlyMap<Digest, LayerSource>
  onWarning(warning: { readonly rule: 'CacheImport' | 'CacheExport'; readonly message: string }): void
  readonly signal: AbortSignal
}

/** The caches of one build: that of the store, those it takes results from, and those it gives them to. */
export class BuildCaches {
  readonly cache: WorkCache
  readonly #options: BuildCachesOptions
  readonly #to: readonly BuildCacheTo[]
  readonly #keys = new Map<Work, WorkKey>()

  constructor(options: BuildCachesOptions) {
    this.#options = options
    this.#to = listOf(options.to)
    const { context, images, onWarning, signal } = options
    const sources = listOf(options.from).map((from) => sourceOf(context, from))
    this.cache =
      sources.length === 0
        ? storedCache(context)
        : new ImportingCache({
            context,
            sources,
            images,
            signal,
            onWarning: (message) => onWarning({ rule: 'CacheImport', message }),
          })
  }

  /** To be told the key of each work. */
  readonly onKey = (work: Work, key: WorkKey): void => {
    this.#keys.set(work, key)
  }

  /** What the image's config is to say of its layers; undefined where that is not asked for. */
  async inline(target: Work, { layers }: Root): Promise<object | undefined> {
    if (!this.#to.some(({ type }) => type === 'inline')) return undefined
    const { records } = await this.#collect([target], 'min')
    const table = new CacheTable()
    table.addImage(layers)
    for (const record of records) table.addKnown(record)
    return cacheDocumentToJson(table.document)
  }

  /** Brings the results to where they are to go. What a place does not take costs a warning. */
  async write(targets: readonly Work[]): Promise<void> {
    const { context, signal } = this.#options
    for (const to of this.#to) {
      if (to.type === 'inline') continue
      const target = to.type === 'local' ? localTarget(context.store, to.path) : registryTarget(context, to)
      try {
        const collected = await this.#collect(targets, to.mode ?? 'min')
        const isWhole = await writeCache(context.store, collected, target, signal)
        if (!isWhole) this.#warn(target, 'it has more layers than fit, and some results are not in it')
      } catch (error) {
        signal.throwIfAborted()
        this.#warn(target, foreignProblem(error))
      }
    }
  }

  async #collect(targets: readonly Work[], mode: BuildCacheMode) {
    const works = mode === 'max' ? inOrder(targets, needsOf) : inOrder(targets, basesOf)
    const keys = works.filter(({ kind }) => kind !== 'origin').flatMap((work) => this.#keys.get(work) ?? [])
    return await collectRecords(this.#options.context, this.cache, keys)
  }

  #warn({ name }: CacheTarget, problem: string): void {
    this.#options.onWarning({
      rule: 'CacheExport',
      message: `the cache ${name} was not written as it should be: ${problem}`,
    })
  }
}

const needsOf = ({ base, sources }: Work): readonly Work[] => (base ? [base, ...sources] : sources)
const basesOf = ({ base }: Work): readonly Work[] => (base ? [base] : [])

function sourceOf(context: TransferContext, from: BuildCacheFrom): CacheSource {
  if (typeof from === 'string') return registrySource(context, { reference: from })
  return from.type === 'local' ? localSource(context, from.path) : registrySource(context, from)
}
