// SPDX-License-Identifier: Apache-2.0
import { availableParallelism } from 'node:os'
import { onAbort } from '../../util/abort.js'
import { inOrder } from './in-order.js'
import type { BuiltLayer, Root, Work, WorkCache, WorkEvent, WorkRecord } from './work.js'
import { anyImported, isFresh, type WorkKey, WorkKeys } from './work-keys.js'

/** What solving needs beside the graph. */
export interface SolveOptions {
  readonly cache: WorkCache
  readonly signal?: AbortSignal | undefined
  /** How many works run at once; half as many again as there are processors by default, since most wait for a disk or a network. */
  readonly parallel?: number | undefined
  onEvent(event: WorkEvent): void
  /** Told the key of each work, done or not. */
  onKey?(work: Work, key: WorkKey): void
}

/**
 * The roots of the targets. Only what they need is done, and of that only what no record holds; what does not depend on each other runs at the
 * same time. The first failure ends the others, and is thrown when they have ended.
 */
export async function solve(targets: readonly Work[], options: SolveOptions): Promise<readonly Root[]> {
  const ended = new AbortController()
  const stopListening = onAbort(options.signal, (reason) => ended.abort(reason))
  const solver = new Solver(options, ended)
  try {
    return await solver.solve(targets)
  } finally {
    stopListening()
  }
}

class Solver {
  readonly #options: SolveOptions
  readonly #ended: AbortController
  readonly #keys: WorkKeys
  readonly #roots = new Map<Work, Promise<Root>>()
  readonly #slots: Slots

  constructor(options: SolveOptions, ended: AbortController) {
    this.#options = options
    this.#ended = ended
    this.#slots = new Slots(options.parallel ?? Math.ceil(availableParallelism() * 1.5))
    this.#keys = new WorkKeys({ cache: options.cache, signal: ended.signal, root: (work) => this.#root(work) })
  }

  async solve(targets: readonly Work[]): Promise<readonly Root[]> {
    try {
      this.#ended.signal.throwIfAborted()
      await this.#beginSources(targets)
      return await Promise.all(targets.map((target) => this.#root(target)))
    } catch (error) {
      this.#fail(error)
      await Promise.allSettled(this.#roots.values())
      throw this.#ended.signal.reason
    }
  }

  // What is going to be looked into is begun now: keys are found one after the other, and independent stages run at the same time.
  async #beginSources(targets: readonly Work[]): Promise<void> {
    const works = inOrder(targets, needsOf)
    const unseen = await this.#keys.unseen(works)
    for (const { sources } of unseen) for (const source of sources) this.#root(source)
    // One after the other, or a long chain would recurse.
    for (const work of works) {
      const told = this.#keys.of(work).then((key) => this.#options.onKey?.(work, key))
      told.catch((error) => this.#fail(error))
    }
  }

  #fail(error: unknown): void {
    if (!this.#ended.signal.aborted) this.#ended.abort(error)
  }

  #root(work: Work): Promise<Root> {
    const begun = this.#roots.get(work)
    if (begun) return begun
    const root = this.#make(work)
    this.#roots.set(work, root)
    root.catch((error) => this.#fail(error))
    return root
  }

  async #make(work: Work): Promise<Root> {
    const key = await this.#keys.of(work)
    const { signal } = this.#ended
    signal.throwIfAborted()
    const known = await this.#recorded(work, key)
    if (known) return known
    const { base, sources } = await this.#below(work)
    if (work.kind === 'origin') return await this.#run(work, key, { base, sources })
    return await this.#options.cache.alone(key.record, signal, async () => {
      // Somebody else may have done it meanwhile.
      return (await this.#recorded(work, key)) ?? (await this.#run(work, key, { base, sources }))
    })
  }

  async #recorded(work: Work, key: WorkKey): Promise<Root | undefined> {
    if (work.kind === 'origin' || isFresh(work)) return undefined
    const record = await this.#options.cache.get({ digest: key.record, imported: key.imported })
    if (!record) return undefined
    const below = work.kind === 'independent' && work.base ? await this.#root(work.base) : nothing
    this.#options.onEvent({ type: 'cached', work, key: key.root })
    return { layers: [...below.layers, ...record.layers], imported: anyImported([below, record]) }
  }

  async #below(work: Work): Promise<{ readonly base: Root; readonly sources: readonly Root[] }> {
    const base = work.base ? this.#root(work.base) : Promise.resolve(nothing)
    const [first, ...sources] = await Promise.all([base, ...work.sources.map((source) => this.#root(source))])
    return { base: first as Root, sources }
  }

  async #run(
    work: Work,
    key: WorkKey,
    below: { readonly base: Root; readonly sources: readonly Root[] },
  ): Promise<Root> {
    const { signal } = this.#ended
    const { onEvent } = this.#options
    const made = await this.#slots.use(signal, async () => {
      onEvent({ type: 'started', work })
      const output = (stream: 'stdout' | 'stderr', chunk: Uint8Array) =>
        onEvent({ type: 'output', work, stream, chunk })
      try {
        return await work.run({ ...below, signal, output })
      } catch (error) {
        onEvent({ type: 'failed', work, error })
        throw error
      }
    })
    const imported = anyImported([key, below.base, ...below.sources])
    const root: Root = { layers: [...below.base.layers, ...made], imported }
    await this.#record(work, key, made, root)
    onEvent({ type: 'done', work, key: key.root, layers: made })
    return root
  }

  async #record(work: Work, key: WorkKey, made: readonly BuiltLayer[], root: Root): Promise<void> {
    if (work.kind === 'origin') return
    const layers = work.kind === 'independent' ? made : root.layers
    const record: WorkRecord = { key: key.record, name: work.name, layers, imported: root.imported }
    await this.#options.cache.put(record)
  }
}

const nothing: Root = { layers: [] }

function needsOf({ base, sources }: Work): readonly Work[] {
  return base ? [base, ...sources] : sources
}

// So many at once, the others in the order they came.
class Slots {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(count: number) {
    this.#free = count
  }

  async use<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      signal.throwIfAborted()
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#free++
    }
  }
}
