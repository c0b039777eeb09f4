// SPDX-License-Identifier: Apache-2.0
import { type Digest, digestOf } from '../../oci/digest.js'
import type { Root, Work, WorkCache } from './work.js'

interface LookContext {
  readonly cache: WorkCache
  readonly signal: AbortSignal
}

interface KeyContext extends LookContext {
  /** Makes a root that has to be looked into, if it is not there. */
  root(work: Work): Promise<Root>
}

interface PeekContext extends LookContext {
  /** What a work finds outside of the graph. */
  outside(work: Work): Promise<Digest | null>
}

/** What identifies a result. */
export interface WorkKey {
  /** Of the root with all that it is based on. */
  readonly root: Digest
  /** Of the record; another one than the root's where the layers fit on any base. */
  readonly record: Digest
  /** Of the definitions, where these are compared first. */
  readonly alias?: Digest | undefined
  /** Something that is imported led to it. */
  readonly imported?: true | undefined
}

/**
 * The keys of a graph's works, each found once. One that has sources is keyed by what is found in them, not by how they came to be: an
 * earlier stage that comes out the same is the same. Looking is spared where the same definitions were looked at before.
 */
export class WorkKeys {
  readonly #context: KeyContext
  readonly #keys = new Map<Work, Promise<WorkKey>>()
  readonly #outside = new Map<Work, Promise<Digest | null>>()

  constructor(context: KeyContext) {
    this.#context = context
  }

  of(work: Work): Promise<WorkKey> {
    const known = this.#keys.get(work)
    if (known) return known
    const key = this.#find(work)
    this.#keys.set(work, key)
    return key
  }

  /** Which of the works, in order of need, have sources that nobody has looked into as they are now; nothing is made for the answer. */
  async unseen(works: readonly Work[]): Promise<readonly Work[]> {
    const peek = new Peek({ ...this.#context, outside: (work) => this.#lookOutside(work) })
    // In the order in which they come nothing recurses.
    const seen = await Promise.all(works.map(async (work) => (await peek.of(work)) !== undefined))
    return works.filter((work, index) => work.look && work.sources.length > 0 && !seen[index])
  }

  async #find(work: Work): Promise<WorkKey> {
    const { cache, signal } = this.#context
    const [base, ...sources] = await Promise.all([
      work.base && this.of(work.base),
      ...work.sources.map((source) => this.of(source)),
    ])
    const outside = await this.#lookOutside(work)
    const imported = anyImported([base, ...sources])
    if (!work.look || sources.length === 0) return { ...keyOf(work, base, [outside, ...sources.map(rootOf)]), imported }
    const alias = aliasOf(work, base, [outside, ...sources.map(rootOf)])
    // What is done again may come out otherwise, and is looked into again.
    const known = work.sources.some(isFresh) ? undefined : await cache.alias({ digest: alias, imported })
    if (known) return { ...withRecord(work, base, known.digest), alias, imported: known.imported }
    const roots = await Promise.all(work.sources.map((source) => this.#context.root(source)))
    const key = keyOf(work, base, [outside, await work.look(roots, signal)])
    const found = imported ?? anyImported(roots)
    await cache.setAlias({ digest: alias, imported: found }, key.record)
    return { ...key, alias, imported: found }
  }

  // Once a build: what it finds later is found by whoever copies it.
  #lookOutside(work: Work): Promise<Digest | null> {
    const known = this.#outside.get(work)
    if (known) return known
    const looking = work.lookOutside?.(this.#context.signal) ?? Promise.resolve(null)
    this.#outside.set(work, looking)
    return looking
  }
}

// Finds keys as far as aliases lead.
class Peek {
  readonly #context: PeekContext
  readonly #found = new Map<Work, Promise<WorkKey | undefined>>()

  constructor(context: PeekContext) {
    this.#context = context
  }

  of(work: Work): Promise<WorkKey | undefined> {
    const known = this.#found.get(work)
    if (known) return known
    const found = this.#find(work)
    this.#found.set(work, found)
    return found
  }

  async #find(work: Work): Promise<WorkKey | undefined> {
    const [base, ...sources] = await Promise.all([
      work.base ? this.of(work.base) : null,
      ...work.sources.map((source) => this.of(source)),
    ])
    const keys = sources.filter((source) => source !== undefined)
    if (base === undefined || keys.length < sources.length) return undefined
    const { cache } = this.#context
    const outside = await this.#context.outside(work)
    const imported = anyImported([base, ...keys])
    if (!work.look || keys.length === 0) return { ...keyOf(work, base, [outside, ...keys.map(rootOf)]), imported }
    if (work.sources.some(isFresh)) return undefined
    const known = await cache.alias({ digest: aliasOf(work, base, [outside, ...keys.map(rootOf)]), imported })
    return known && { ...withRecord(work, base, known.digest), imported: known.imported }
  }
}

/** Whether a result is not to be taken from a record: it is to be done again, or goes on from what is. */
export function isFresh(work: Work): boolean {
  for (let at: Work | null = work; at; at = at.base) if (at.fresh) return true
  return false
}

/** Whether something that is imported is among them. */
export function anyImported(items: readonly ({ readonly imported?: true | undefined } | null)[]): true | undefined {
  return items.some((item) => item?.imported) || undefined
}

const rootOf = (key: WorkKey | null | undefined): Digest | null => key?.root ?? null

function keyOf(work: Work, base: WorkKey | null | undefined, found: readonly (Digest | null)[]): WorkKey {
  const below = work.kind === 'independent' ? null : rootOf(base)
  return withRecord(work, base, hash('work', work.definition, below, ...found))
}

function withRecord(work: Work, base: WorkKey | null | undefined, record: Digest): WorkKey {
  return { record, root: work.kind === 'independent' ? hash('on', rootOf(base), record) : record }
}

function aliasOf(work: Work, base: WorkKey | null | undefined, sources: readonly (Digest | null)[]): Digest {
  const below = work.kind === 'independent' ? null : rootOf(base)
  return hash('alias', work.definition, below, ...sources)
}

function hash(...parts: readonly (string | null)[]): Digest {
  return digestOf(JSON.stringify(parts))
}
