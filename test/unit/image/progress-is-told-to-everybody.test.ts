// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest'
import { type LayerProgress, ProgressMeter, type TotalProgress } from '../../../src/image/progress-meter.js'
import { beginOperation } from '../../../src/image/progress-operation.js'
import { digestOf } from '../../../src/oci/digest.js'

const collect = async <T>(events: AsyncIterable<T>): Promise<readonly T[]> => {
  const seen: T[] = []
  for await (const event of events) seen.push(event)
  return seen
}

describe('an operation', () => {
  test('tells each loop everything that is still true, in order', async () => {
    let finish = () => {}
    const operation = beginOperation<number, string>(async (report) => {
      report('a', 'a 1')
      report('b', 'b 1')
      await new Promise<void>((resolve) => {
        finish = resolve
      })
      report('a', 'a 2')
      return 7
    })
    const early = collect(operation)
    await new Promise((resolve) => setImmediate(resolve))
    finish()
    expect(await early).toEqual(['a 1', 'b 1', 'a 2'])
    expect(await collect(operation)).toEqual(['b 1', 'a 2'])
    expect(await operation).toBe(7)
  })

  test('ends each loop with its failure, which is then handled', async () => {
    const operation = beginOperation<never, string>(async (report) => {
      report('a', 'begun')
      throw new Error('broken')
    })
    const loop = operation[Symbol.asyncIterator]()
    expect(await loop.next()).toEqual({ value: 'begun', done: false })
    await expect(loop.next()).rejects.toThrow('broken')
    await expect(collect(operation)).rejects.toThrow('broken')
  })

  test('keeps no more than the latest of each key for a loop that is slow', async () => {
    const operation = beginOperation<void, number>(async (report) => {
      for (let index = 0; index < 10_000; index++) report('one', index)
    })
    expect(await collect(operation)).toEqual([9999])
  })

  test('is left without being ended', async () => {
    const operation = beginOperation<string, string>(async (report) => {
      report('a', 'a')
      await new Promise((resolve) => setTimeout(resolve, 5))
      return 'done'
    })
    for await (const _ of operation) break
    expect(await operation).toBe('done')
  })
})

describe('a meter', () => {
  const part = (name: string, size: number) => ({ digest: digestOf(name), size })
  type Event = LayerProgress<'download' | 'done'> | TotalProgress

  test('tells each phase at once, bytes now and then, the end always', () => {
    const events: Event[] = []
    const one = part('one', 1000)
    const meter = new ProgressMeter<'download' | 'done'>((_, event) => events.push(event), [one])
    for (let bytes = 0; bytes <= 1000; bytes++) meter.layer(one, 'download', bytes)
    meter.layer(one, 'done', 1000)
    const told = events.map((event) => (event.type === 'layer' ? `${event.phase} ${event.bytes}` : 'total'))
    expect(told[0]).toBe('download 0')
    expect(told.slice(-2)).toEqual(['download 1000', 'done 1000'])
    expect(told.length).toBeLessThan(10)
  })

  test('adds up, counts nothing twice, and never goes back', () => {
    const events: Event[] = []
    const [one, two] = [part('one', 10), part('two', 30)]
    const meter = new ProgressMeter<'download' | 'done'>((_, event) => events.push(event), [one, two])
    meter.moved(one, 10)
    meter.moved(two, 20)
    meter.moved(two, 5)
    meter.moved(two, 99)
    meter.total()
    expect(events.at(-1)).toEqual({ type: 'total', bytes: 40, totalBytes: 40 })
  })
})
