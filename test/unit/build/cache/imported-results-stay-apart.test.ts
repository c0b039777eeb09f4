// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, test } from 'vitest'
import type { CacheDocument } from '../../../../src/build/cache/cache-document.js'
import type { CacheSource } from '../../../../src/build/cache/cache-source.js'
import { ImportingCache } from '../../../../src/build/cache/importing-cache.js'
import { storedCache } from '../../../../src/build/solver/stored-cache.js'
import type { Work } from '../../../../src/build/solver/work.js'
import type { WorkKey } from '../../../../src/build/solver/work-keys.js'
import { EngineError } from '../../../../src/errors/engine-error.js'
import type { LayerContext } from '../../../../src/layer/layer-context.js'
import { type Digest, digestOf } from '../../../../src/oci/digest.js'
import type { BuildRecord } from '../../../../src/store/build-records.js'
import { layerOf, makeWork, solveAll } from '../solver/made-works.js'

let log: string[] = []
let warnings: string[] = []
beforeEach(() => {
  log = []
  warnings = []
})

/** What a store remembers, in memory. */
const makeContext = (): LayerContext => {
  const records = new Map<Digest, BuildRecord>()
  const aliases = new Map<Digest, Digest>()
  const layers = new Map<Digest, object>()
  const builds = {
    alias: async (alias: Digest) => aliases.get(alias),
    setAlias: async (alias: Digest, key: Digest) => void aliases.set(alias, key),
    get: async (key: Digest) => records.get(key),
    read: async (key: Digest) => records.get(key),
    put: async (record: BuildRecord) => void records.set(record.key, record),
    setPacked: async () => {},
  }
  const store = {
    builds,
    layers: {
      has: async (diffId: Digest) => layers.has(diffId),
      get: async (diffId: Digest) => layers.get(diffId) ?? { sizeBytes: 1 },
    },
    paths: { buildLock: (key: Digest) => key },
  }
  const locker = { lock: async () => ({ release: async () => {} }) }
  return { store, locker } as unknown as LayerContext
}

type Telling = Partial<CacheSource> & { readonly says: CacheDocument }

const sourceOf = ({ says, name = 'theirs', ...source }: Telling): CacheSource => ({
  name,
  open: async () => ({ document: says, blobs: [{ mediaType: 'application/x', digest: digestOf('blob'), size: 1 }] }),
  bring: async () => true,
  fetch: async () => {},
  ...source,
})

const importing = (context: LayerContext, ...sources: readonly CacheSource[]) =>
  new ImportingCache({
    context,
    sources,
    images: () => new Map(),
    onWarning: (message) => warnings.push(message),
    signal: new AbortController().signal,
  })

const says = (records: Readonly<Record<Digest, string>>, aliases: CacheDocument['aliases'] = []): CacheDocument => {
  const entries = Object.entries(records) as [Digest, string][]
  return {
    layers: entries.map(([, content]) => ({ ...layerOf(content), blob: 0, createdAt: '2026-01-02T03:04:05Z' })),
    records: entries.map(([key], place) => ({ key, name: 'theirs', layers: [place] })),
    aliases,
  }
}

// The keys that works have, by solving them once.
const keysOf = async (target: Work): Promise<ReadonlyMap<string, WorkKey>> => {
  const keys = new Map<string, WorkKey>()
  const onKey = ({ name }: Work, key: WorkKey) => void keys.set(name, key)
  await solveAll([target], { cache: storedCache(makeContext()), onKey })
  log.length = 0
  return keys
}

const contents = async (target: Work, cache: ReturnType<typeof storedCache>) => {
  log.length = 0
  const { roots } = await solveAll([target], { cache })
  return { layers: roots[0]?.layers.map(({ diffId }) => diffId), did: log.filter((line) => !line.includes(' begins')) }
}
const digests = (...texts: readonly string[]) => texts.map((text) => digestOf(text))

const image = () => makeWork(log, { name: 'image', kind: 'origin' })
const chain = () => makeWork(log, { name: 'second', base: makeWork(log, { name: 'first', base: image() }) })

describe('what another cache says', () => {
  test('is found by builds that name it, again without asking it, and by no others', async () => {
    const keys = await keysOf(chain())
    const context = makeContext()
    const opened: string[] = []
    const theirs = sourceOf({ says: says({ [keys.get('second')!.record]: 'evil' }) })
    const open = (signal: AbortSignal) => {
      opened.push(theirs.name)
      return theirs.open(signal)
    }
    const counted = { ...theirs, open }
    for (const _ of [1, 2])
      expect(await contents(chain(), importing(context, counted))).toEqual({ layers: digests('evil'), did: [] })
    expect(opened).toEqual(['theirs'])
    expect(
      (
        await contents(
          chain(),
          importing(context, { ...counted, name: 'other', open: sourceOf({ says: says({}) }).open }),
        )
      ).did,
    ).toEqual(['image', 'first', 'second'])
    expect((await contents(chain(), storedCache(context))).layers).toEqual(digests('image', 'first', 'second'))
  })

  test('does not reach the records of what is made on it', async () => {
    const keys = await keysOf(chain())
    const context = makeContext()
    const theirs = sourceOf({ says: says({ [keys.get('first')!.record]: 'evil' }) })
    expect(await contents(chain(), importing(context, theirs))).toEqual({
      layers: digests('evil', 'second'),
      did: ['second'],
    })
    expect((await contents(chain(), importing(context, theirs))).did).toEqual([])
    expect((await contents(chain(), storedCache(context))).layers).toEqual(digests('image', 'first', 'second'))
  })

  // A copy is keyed by what is found in its source: whoever says what that is says which record fits.
  test('does not lead to records of this store, nor to aliases in it', async () => {
    const looking = (finds: string) => {
      const source = makeWork(log, { name: 'source', base: image() })
      return makeWork(log, { name: 'copy', sources: [source], finds: () => finds, makes: () => `copy of ${finds}` })
    }
    const keys = await keysOf(looking('right'))
    const secret = (await keysOf(looking('secret'))).get('copy')!.record
    const context = makeContext()
    await contents(looking('secret'), storedCache(context))
    const store = makeContext()
    await storedCache(store).put((await storedCache(context).get({ digest: secret }))!)
    const theirs = sourceOf({ says: says({}, [[keys.get('copy')!.alias!, secret]]) })
    const right = { layers: digests('copy of right'), did: ['image', 'source', 'copy'] }
    expect((await contents(looking('right'), importing(store, theirs))).layers).toEqual(right.layers)
    // The source was made here, and is known here; what was filed for the copy is not.
    expect(await contents(looking('right'), storedCache(store))).toEqual({ ...right, did: ['copy'] })
  })

  test('is not asked for while this store knows everything', async () => {
    const context = makeContext()
    await contents(chain(), storedCache(context))
    const silent = sourceOf({ says: says({}), open: () => Promise.reject(new TypeError('was asked')) })
    expect((await contents(chain(), importing(context, silent))).did).toEqual([])
  })

  test.each<readonly [string, Partial<CacheSource>]>([
    [
      'cannot be reached',
      { open: () => Promise.reject(new EngineError({ code: 'ERR_REGISTRY_UNREACHABLE', message: 'gone' })) },
    ],
    [
      'has not the layer',
      { bring: () => Promise.reject(new EngineError({ code: 'ERR_DIGEST_MISMATCH', message: 'gone' })) },
    ],
  ])('costs a warning where it %s', async (_what, broken) => {
    const keys = await keysOf(chain())
    const theirs = sourceOf({ says: says({ [keys.get('second')!.record]: 'evil' }), ...broken })
    const { layers } = await contents(chain(), importing(makeContext(), theirs))
    expect(layers).toEqual(digests('image', 'first', 'second'))
    expect(warnings).toEqual(['the cache theirs is of no use: gone'])
  })

  test('is passed over for another cache that can keep its word', async () => {
    const keys = await keysOf(chain())
    const document = says({ [keys.get('second')!.record]: 'theirs' })
    const failing = { bring: () => Promise.reject(new EngineError({ code: 'ERR_REGISTRY_FAILED', message: 'gone' })) }
    const cache = importing(
      makeContext(),
      sourceOf({ says: document, ...failing }),
      sourceOf({ says: document, name: 'b' }),
    )
    expect((await contents(chain(), cache)).layers).toEqual(digests('theirs'))
  })
})
