// SPDX-License-Identifier: Apache-2.0
import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { abandonable, onAbort, underSignal } from '../../../src/util/abort.js'
import { AsyncQueue } from '../../../src/util/async-queue.js'
import { delay } from '../../../src/util/delay.js'
import { KeyedMutex } from '../../../src/util/keyed-mutex.js'
import { retry } from '../../../src/util/retry.js'
import { UndoStack } from '../../../src/util/undo-stack.js'

const tick = () => new Promise((resolve) => setImmediate(resolve))

describe('UndoStack', () => {
  it('releases in reverse when the work fails, and one failing release stops no other', async () => {
    const log: string[] = []
    const work = UndoStack.run(async (undo) => {
      undo.push('a', () => void log.push('a'))
      undo.push('b', () => Promise.reject(new Error('stuck')))
      undo.push('c', async () => void log.push('c'))
      throw new Error('original')
    })
    await expect(work).rejects.toThrow('original')
    expect(log).toEqual(['c', 'a'])
  })

  it('releases nothing after success and reports failures of undo', async () => {
    let released = false
    const work = async (undo: UndoStack) => {
      undo.push('a', () => {
        released = true
      })
      return 5
    }
    expect(await UndoStack.run(work)).toBe(5)
    expect(released).toBe(false)
    const undo = new UndoStack()
    undo.push('x', () => Promise.reject(new Error('stuck')))
    expect(await undo.undo()).toHaveLength(1)
    expect(await undo.undo()).toHaveLength(0)
  })
})

describe('KeyedMutex', () => {
  it('serves one key one at a time in order, other keys at once', async () => {
    const mutex = new KeyedMutex()
    const log: string[] = []
    const slow = (name: string) => async () => {
      log.push(`+${name}`)
      await delay(5)
      log.push(`-${name}`)
    }
    await Promise.all([mutex.run('k', slow('1')), mutex.run('k', slow('2')), mutex.run('other', slow('x'))])
    expect(log.filter((entry) => !entry.endsWith('x'))).toEqual(['+1', '-1', '+2', '-2'])
    expect(log.indexOf('+x')).toBeLessThan(log.indexOf('-1'))
    expect(mutex.isHeld('k')).toBe(false)
  })

  it('passes on after a failure, and lets a waiter give up without a trace', async () => {
    const mutex = new KeyedMutex()
    const release = await mutex.acquire('k')
    const controller = new AbortController()
    const given = mutex.acquire('k', controller.signal)
    const patient = mutex.run('k', () => 'done')
    controller.abort(new Error('enough'))
    await expect(given).rejects.toThrow('enough')
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
    release()
    release()
    expect(await patient).toBe('done')
    await expect(mutex.run('k', () => Promise.reject(new Error('inside')))).rejects.toThrow('inside')
    expect(mutex.isHeld('k')).toBe(false)
  })
})

describe('retry', () => {
  it('tries again until it succeeds', async () => {
    const tries: number[] = []
    const result = retry(
      async (attempt) => {
        tries.push(attempt)
        if (attempt < 3) throw new Error('not yet')
        return 'ok'
      },
      { delayMs: 1 },
    )
    expect(await result).toBe('ok')
    expect(tries).toEqual([1, 2, 3])
  })

  it('gives up with the last failure, at once where that is hopeless', async () => {
    let tries = 0
    const work = async () => {
      throw new Error(`failure ${++tries}`)
    }
    await expect(retry(work, { attempts: 2, delayMs: 1 })).rejects.toThrow('failure 2')
    await expect(retry(work, { retryIf: () => false })).rejects.toThrow('failure 3')
  })

  it('stops waiting when aborted', async () => {
    const signal = AbortSignal.timeout(20)
    await expect(
      retry(() => Promise.reject(new Error('x')), { delayMs: 60_000, maxDelayMs: 60_000, signal }),
    ).rejects.toBe(await new Promise((resolve) => onAbort(signal, resolve)))
  })
})

describe('AsyncQueue', () => {
  it('delivers in order, makes the producer wait when full, and ends after close', async () => {
    const queue = new AsyncQueue<number | undefined>({ capacity: 2 })
    const pushed: number[] = []
    const producer = (async () => {
      for (let i = 0; i < 5; i++) {
        await queue.push(i)
        pushed.push(i)
      }
      queue.offer(undefined)
      queue.close()
    })()
    await tick()
    expect(pushed).toEqual([0, 1])
    const seen: (number | undefined)[] = []
    for await (const item of queue) seen.push(item)
    await producer
    expect(seen).toEqual([0, 1, 2, 3, 4, undefined])
    expect(queue.offer(9)).toBe(false)
  })

  it('delivers what is left before the failure', async () => {
    const queue = new AsyncQueue<string>()
    queue.offer('a')
    queue.fail(new Error('cut'))
    expect(await queue.next()).toEqual({ value: 'a', done: false })
    await expect(queue.next()).rejects.toThrow('cut')
    expect(await queue.next()).toEqual({ value: undefined, done: true })
  })

  it('fails a waiting consumer, once', async () => {
    const queue = new AsyncQueue<string>()
    const [first, second] = [queue.next(), queue.next()]
    queue.fail(new Error('cut'))
    await expect(first).rejects.toThrow('cut')
    expect(await second).toEqual({ value: undefined, done: true })
  })

  it('tells the producer when the consumer left', async () => {
    let left = 0
    const queue = new AsyncQueue<number>({ capacity: 1, onLeave: () => void left++ })
    queue.offer(1)
    const [taken, stuck] = [queue.push(2), queue.push(3)]
    for await (const item of queue) {
      expect(item).toBe(1)
      break
    }
    expect(await taken).toBe(true)
    expect(await stuck).toBe(false)
    expect(left).toBe(1)
    expect(queue.size).toBe(0)
  })
})

describe('abort helpers', () => {
  it('do not start aborted work, stop running work, and remove their listener', async () => {
    const controller = new AbortController()
    let stopWork: (error: Error) => void = () => {}
    const running = underSignal(
      controller.signal,
      () =>
        new Promise((_, reject) => {
          stopWork = reject
        }),
      () => stopWork(new Error('stopped')),
    )
    controller.abort(new Error('why'))
    await expect(running).rejects.toThrow('why')
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
    let started = false
    await expect(
      underSignal(
        controller.signal,
        async () => {
          started = true
        },
        () => {},
      ),
    ).rejects.toThrow('why')
    expect(started).toBe(false)
  })

  it('listen once for all that wait, and call each that still does', () => {
    const controller = new AbortController()
    const called: number[] = []
    const stops = [1, 2, 3].map((number) => onAbort(controller.signal, () => void called.push(number)))
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1)
    stops[1]?.()
    stops[1]?.()
    controller.abort()
    expect(called).toEqual([1, 3])
    const { signal } = new AbortController()
    onAbort(signal, () => {})()
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  it('leave no listener after success', async () => {
    const { signal } = new AbortController()
    expect(
      await underSignal(
        signal,
        async () => 1,
        () => {},
      ),
    ).toBe(1)
    expect(await abandonable(Promise.resolve(2), signal)).toBe(2)
    await delay(1, signal)
    await tick()
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })
})
