// SPDX-License-Identifier: Apache-2.0
import type { Digest } from '../../oci/digest.js'

/** A layer that is in the store, unpacked. */
export interface BuiltLayer {
  readonly diffId: Digest
  /** Bytes of its files. */
  readonly sizeBytes: number
  /** When it was made: RFC 3339. Undefined: it came with an image. */
  readonly createdAt?: string | undefined
  /** Whether its step changed nothing: there is no such layer, it stands for the step. */
  readonly isEmpty?: true | undefined
}

/** A file system: layers, the lowest first. */
export interface Root {
  readonly layers: readonly BuiltLayer[]
  /** Something of it is what a cache said that others fill. */
  readonly imported?: true | undefined
}

/** What a piece of work is given while it runs. */
export interface WorkCall {
  /** The root it goes on from. */
  readonly base: Root
  /** Those it looks into, in the order of its `sources`. */
  readonly sources: readonly Root[]
  readonly signal: AbortSignal
  /** Takes a part of its output. */
  output(stream: 'stdout' | 'stderr', chunk: Uint8Array): void
}

/** Something to be done once for each of its keys. A graph of it has no cycles; the same object in two places is the same work. */
export interface Work {
  /** What is shown of it. */
  readonly name: string
  /** Over all that is to be done, and nothing of what it is done on. */
  readonly definition: Digest
  /** Whose root it goes on from; null begins with an empty one. */
  readonly base: Work | null
  /** Whose roots it looks into: only what it finds there counts. */
  readonly sources: readonly Work[]
  /** A digest of what it is going to find outside of the graph, as in contexts: looked at each time. */
  readonly lookOutside?: ((signal: AbortSignal) => Promise<Digest>) | undefined
  /** A digest of what it is going to find in its sources; not looked at where the same definitions were before. Absent: it depends on all of them. */
  readonly look?: ((sources: readonly Root[], signal: AbortSignal) => Promise<Digest>) | undefined
  /** `layer`: what it makes depends on its base, and a record holds all. `independent`: its layers fit on any base (`--link`). `origin`: quick and never recorded. */
  readonly kind: 'layer' | 'independent' | 'origin'
  /** Done again, whatever is recorded. */
  readonly fresh?: boolean | undefined
  /** Makes the layers that come on top of the base. */
  run(call: WorkCall): Promise<readonly BuiltLayer[]>
}

/** What is told of a piece of work. */
export type WorkEvent =
  | { readonly type: 'started'; readonly work: Work }
  | {
      readonly type: 'output'
      readonly work: Work
      readonly stream: 'stdout' | 'stderr'
      readonly chunk: Uint8Array
    }
  | { readonly type: 'cached'; readonly work: Work; readonly key: Digest }
  | { readonly type: 'done'; readonly work: Work; readonly key: Digest; readonly layers: readonly BuiltLayer[] }
  | { readonly type: 'failed'; readonly work: Work; readonly error: unknown }

/** What a build cache keeps for a key. */
export interface WorkRecord {
  readonly key: Digest
  readonly name: string
  readonly layers: readonly BuiltLayer[]
  /** As of a {@link Root}. */
  readonly imported?: true | undefined
}

/** A digest that a cache is asked for. */
export interface CacheKey {
  readonly digest: Digest
  /** A cache that others fill led to it: what was made here is not found by it. */
  readonly imported?: true | undefined
}

/**
 * Where results are found again. Aliases lead from definitions, which are compared first, to keys. What is imported, and what rests on it, is
 * kept apart from what is not.
 */
export interface WorkCache {
  alias(alias: CacheKey): Promise<CacheKey | undefined>
  setAlias(alias: CacheKey, key: Digest): Promise<void>
  /** The record, if all of its layers are still there. Marks it as used. */
  get(key: CacheKey): Promise<WorkRecord | undefined>
  put(record: WorkRecord): Promise<void>
  /** Keeps others, in whatever process, from doing the same at the same time. */
  alone<T>(key: Digest, signal: AbortSignal, work: () => Promise<T>): Promise<T>
}
