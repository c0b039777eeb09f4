// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, test } from 'vitest'
import { solve } from '../../../../src/build/solver/solve.js'
import { layerOf, makeCache, makeWork, solveAll } from './made-works.js'

let log: string[] = []
beforeEach(() => {
  log = []
})

const image = () => makeWork(log, { name: 'image', kind: 'origin' })
const done = () => log.filter((line) => !line.endsWith('begins'))

describe('a chain', () => {
  const chain = (second = 'b') => {
    const a = makeWork(log, { name: 'a', base: image() })
    return makeWork(log, { name: 'c', base: makeWork(log, { name: second, base: a }) })
  }

  test('is done in order, each layer on top of the ones before', async () => {
    const { roots } = await solveAll([chain()], { cache: makeCache() })
    expect(done()).toEqual(['image', 'a', 'b', 'c'])
    expect(roots[0]?.layers).toEqual(['image', 'a', 'b', 'c'].map(layerOf))
  })

  test('that did not change is not even begun', async () => {
    const cache = makeCache()
    const first = await solveAll([chain()], { cache })
    log = []
    const { roots, told } = await solveAll([chain()], { cache })
    expect([log, told, roots]).toEqual([[], ['cached c'], first.roots])
  })

  test('is done from where it changed', async () => {
    const cache = makeCache()
    await solveAll([chain()], { cache })
    log = []
    const { told } = await solveAll([chain('other')], { cache })
    expect(done()).toEqual(['other', 'c'])
    expect(told.filter((line) => line.startsWith('cached'))).toEqual(['cached a'])
  })

  test('keeps the root that a record was made on, whatever is evicted below', async () => {
    const cache = makeCache()
    let count = 0
    const make = (last: string) => {
      const a = makeWork(log, { name: 'a', base: image(), makes: () => `a${++count}` })
      return makeWork(log, { name: last, base: a })
    }
    await solveAll([make('b')], { cache })
    cache.forget('a')
    const { roots } = await solveAll([make('b'), make('c')], { cache })
    expect(roots.map(({ layers }) => layers)).toEqual([
      ['image', 'a1', 'b'].map(layerOf),
      ['image', 'a2', 'c'].map(layerOf),
    ])
  })
})

describe('what is looked into', () => {
  const copied = (content: string, options: { readonly stage?: string; readonly fresh?: boolean } = {}) => {
    const { stage = 'stage', fresh = false } = options
    const source = makeWork(log, { name: stage, base: image(), makes: () => content, fresh })
    const finds = (roots: readonly { readonly layers: readonly unknown[] }[]) => JSON.stringify(roots[0]?.layers.at(-1))
    return makeWork(log, { name: 'copy', base: image(), sources: [source], finds })
  }

  test('counts by what is found, not by how it came to be', async () => {
    const cache = makeCache()
    await solveAll([copied('same')], { cache })
    log = []
    const { told } = await solveAll([copied('same', { stage: 'another way' })], { cache })
    expect(done()).toEqual(expect.arrayContaining(['another way']))
    expect(done()).not.toContain('copy')
    expect(told).toContain('cached copy')
  })

  test('is not looked into again where nothing was defined otherwise', async () => {
    const cache = makeCache()
    await solveAll([copied('same')], { cache })
    cache.forget('stage')
    log = []
    await solveAll([copied('never seen')], { cache })
    expect(log).toEqual([])
  })

  test('is looked into again where it was to be made again', async () => {
    const cache = makeCache()
    await solveAll([copied('old')], { cache })
    log = []
    await solveAll([copied('new', { fresh: true })], { cache })
    expect(done()).toEqual(expect.arrayContaining(['stage', 'copy']))
  })

  test('of a context is looked at each time', async () => {
    const cache = makeCache()
    const from = (content: string) => makeWork(log, { name: 'copy', base: image(), outside: () => content })
    await solveAll([from('1')], { cache })
    log = []
    await solveAll([from('1')], { cache })
    expect(log).toEqual([])
    await solveAll([from('2')], { cache })
    expect(done()).toEqual(['image', 'copy'])
  })
})

test('a chain of two thousand works is solved', async () => {
  let at = image()
  for (let count = 0; count < 2_000; count++) at = makeWork(log, { name: `${count}`, base: at })
  const { roots } = await solveAll([at], { cache: makeCache() })
  expect(roots[0]?.layers).toHaveLength(2_001)
})

describe('an independent work', () => {
  const linked = (base: string) =>
    makeWork(log, {
      name: 'link',
      kind: 'independent',
      base: makeWork(log, { name: base, base: image() }),
      outside: () => 'files',
    })

  test('is taken onto another base', async () => {
    const cache = makeCache()
    await solveAll([linked('one')], { cache })
    log = []
    const { roots } = await solveAll([linked('two')], { cache })
    expect(done()).toEqual(['image', 'two'])
    expect(roots[0]?.layers).toEqual(['image', 'two', 'link'].map(layerOf))
  })

  test('does not hide its base from what comes after', async () => {
    const cache = makeCache()
    const next = (base: string) => makeWork(log, { name: 'next', base: linked(base) })
    await solveAll([next('one')], { cache })
    log = []
    await solveAll([next('two')], { cache })
    expect(done()).toContain('next')
  })
})

describe('what is to be done again', () => {
  test('is, and so is what goes on from it', async () => {
    const cache = makeCache()
    const chain = (fresh: boolean) =>
      makeWork(log, { name: 'b', base: makeWork(log, { name: 'a', base: image(), fresh }) })
    await solveAll([chain(false)], { cache })
    log = []
    await solveAll([chain(true)], { cache })
    expect(done()).toEqual(['image', 'a', 'b'])
  })
})

describe('at the same time', () => {
  const stage = (name: string, waits: (signal: AbortSignal) => Promise<unknown>) =>
    makeWork(log, { name, base: image(), waits })
  const copies = (names: readonly string[], waits: (signal: AbortSignal) => Promise<unknown>) => {
    let at = image()
    for (const name of names)
      at = makeWork(log, { name: `copy ${name}`, base: at, sources: [stage(name, waits)], finds: () => name })
    return at
  }

  test('stages are made that do not need each other', async () => {
    let running = 0
    let most = 0
    const waits = async () => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setTimeout(resolve, 20))
      running--
    }
    await solveAll([copies(['x', 'y', 'z'], waits)], { cache: makeCache(), parallel: 3 })
    expect(most).toBe(3)
  })

  test('no more run than are allowed', async () => {
    let running = 0
    let most = 0
    const waits = async () => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setTimeout(resolve, 5))
      running--
    }
    await solveAll([copies(['1', '2', '3', '4', '5'], waits)], { cache: makeCache(), parallel: 2 })
    expect(most).toBe(2)
  })

  test('the first failure ends the others, and is thrown when they have ended', async () => {
    let ended = false
    const slow = stage('slow', async (signal) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
      await new Promise((resolve) => setTimeout(resolve, 20))
      ended = true
      throw signal.reason
    })
    const broken = stage('broken', () => Promise.reject(new Error('broken')))
    const told: string[] = []
    const solving = solve([slow, broken], {
      cache: makeCache(),
      parallel: 4,
      onEvent: ({ type, work }) => told.push(`${type} ${work.name}`),
    })
    await expect(solving).rejects.toThrow('broken')
    expect(ended).toBe(true)
    expect(told).toContain('failed broken')
  })

  test('an abort ends what runs, and nothing more is begun', async () => {
    const controller = new AbortController()
    const waits = async (signal: AbortSignal) => {
      setTimeout(() => controller.abort(new Error('enough')), 5)
      await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    }
    const target = makeWork(log, { name: 'after', base: stage('waiting', waits) })
    const solving = solve([target], { cache: makeCache(), signal: controller.signal, onEvent: () => {} })
    await expect(solving).rejects.toThrow('enough')
    expect(log).not.toContain('after begins')
  })
})
