// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process'
import { getEventListeners } from 'node:events'
import { afterEach, describe, expect, expectTypeOf, it } from 'vitest'
import type { EngineEvent, EventDraft, EventOf } from '../../../src/events/engine-event.js'
import { EventBus } from '../../../src/events/event-bus.js'

const draft = (name: string, type: 'created' | 'paused' | 'removed' | 'oom' = 'created'): EventDraft => ({
  type,
  container: { id: 'a'.repeat(64), name, labels: { tier: name } },
})
const nameOf = (event: EngineEvent) => ('container' in event ? event.container.name : '')

async function take(events: AsyncIterable<EngineEvent>, count: number): Promise<EngineEvent[]> {
  const taken: EngineEvent[] = []
  for await (const event of events) {
    taken.push(event)
    if (taken.length === count) break
  }
  return taken
}

describe('listeners', () => {
  const uncaught: unknown[] = []
  const saved = process.listeners('uncaughtException')
  afterEach(() => {
    process.removeAllListeners('uncaughtException')
    for (const listener of saved) process.on('uncaughtException', listener)
  })

  it('are isolated: an error in one is uncaught, the others and the publisher go on', async () => {
    process.removeAllListeners('uncaughtException')
    process.on('uncaughtException', (error) => uncaught.push(error))
    const bus = new EventBus()
    const heard: string[] = []
    bus.on('created', () => {
      throw new Error('mine')
    })
    bus.on('created', (event) => heard.push(event.container.name))
    expect(() => bus.publish(draft('web'))).not.toThrow()
    await new Promise((resolve) => setImmediate(resolve))
    expect(heard).toEqual(['web'])
    expect(uncaught).toEqual([expect.objectContaining({ message: 'mine' })])
  })

  it('get their own type, once or until taken off', () => {
    const bus = new EventBus()
    const heard: string[] = []
    const listener = (event: EventOf<'created'>) => void heard.push(event.container.name)
    bus.once('created', listener)
    bus.publish(draft('1'))
    bus.publish(draft('2'))
    bus.on('created', listener)
    bus.publish(draft('3', 'removed'))
    bus.publish(draft('4'))
    bus.off('created', listener)
    bus.publish(draft('5'))
    expect(heard).toEqual(['1', '4'])
    bus.on('stopped', (event) => expectTypeOf(event.exit.oomKilled).toBeBoolean())
  })
})

describe('loops', () => {
  it('see what was published since the call, in order, and the bus forgets them when they leave', async () => {
    const bus = new EventBus()
    bus.publish(draft('before'))
    const events = bus.events()
    bus.publish(draft('1'))
    bus.publish(draft('2'))
    expect((await take(events, 2)).map(nameOf)).toEqual(['1', '2'])
    bus.publish(draft('3'))
    expect(await events.next()).toEqual({ value: undefined, done: true })
  })

  it('resume after a cursor, and refuse one that is not kept', async () => {
    const bus = new EventBus({ history: 3 })
    const cursors = ['1', '2', '3', '4', '5'].map((name) => bus.publish(draft(name)).cursor)
    expect((await take(bus.events({ since: cursors[2] }), 2)).map(nameOf)).toEqual(['4', '5'])
    expect(() => bus.events({ since: cursors[0] })).toThrow(expect.objectContaining({ option: 'since' }))
    expect(() => bus.events({ since: 'nonsense' })).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }))
    expect(bus.publish({ ...draft('6'), cursor: 's7', time: new Date(5) })).toMatchObject({
      cursor: 's7',
      time: new Date(5),
    })
    expect(bus.events({ since: 's7' })).toBeDefined()
  })

  it('fail when they begin after the history has gone on', async () => {
    const bus = new EventBus({ history: 2 })
    const events = bus.events()
    for (const name of ['1', '2', '3']) bus.publish(draft(name))
    await expect(events.next()).rejects.toMatchObject({ code: 'ERR_RESOURCE_EXHAUSTED' })
  })

  it.each([
    [{ types: ['removed' as const] }, ['b']],
    [{ container: 'c' }, ['c']],
    [{ container: 'a'.repeat(64) }, ['a', 'b', 'c']],
    [{ labels: { tier: 'a' } }, ['a']],
    [{ labels: { toString: 'x' } }, []],
    [(event: EngineEvent) => event.type === 'image', ['']],
  ])('see only what passes %j', async (filter, expected) => {
    const bus = new EventBus()
    const since = bus.publish(draft('x')).cursor
    bus.publish(draft('a'))
    bus.publish(draft('b', 'removed'))
    bus.publish({ type: 'image', action: 'pull', object: 'debian' })
    bus.publish(draft('c'))
    const events = bus.events({ since, filter })
    const first = events.next()
    await new Promise((resolve) => setImmediate(resolve))
    bus.close()
    const seen = [await first]
    while (!seen.at(-1)?.done) seen.push(await events.next())
    expect(seen.slice(0, -1).map(({ value }) => nameOf(value as EngineEvent))).toEqual(expected)
  })

  it('end with the reason of their signal and leave no listener', async () => {
    const bus = new EventBus()
    const controller = new AbortController()
    const next = bus.events({ signal: controller.signal }).next()
    controller.abort(new Error('enough'))
    await expect(next).rejects.toThrow('enough')
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
    expect(() => bus.events({ signal: controller.signal })).toThrow('enough')
  })

  it('tell when somebody waits', async () => {
    const waiting: boolean[] = []
    const bus = new EventBus({ onWaiting: (state) => waiting.push(state) })
    const [one, two] = [bus.events(), bus.events()]
    const both = Promise.all([one.next(), two.next()])
    expect(waiting).toEqual([true])
    bus.publish(draft('x'))
    await both
    expect(waiting).toEqual([true, false])
    bus.publish(draft('y'))
    await one.next()
    expect(waiting).toEqual([true, false])
  })

  it('keep no process alive', () => {
    const script =
      "import {EventBus} from './src/events/event-bus.ts'; void new EventBus().events().next(); console.log('end')"
    const { stdout, status } = spawnSync('node', ['--import', 'tsx', '--input-type=module', '-e', script], {
      encoding: 'utf8',
      timeout: 15_000,
    })
    expect({ stdout, status }).toEqual({ stdout: 'end\n', status: 0 })
  })
})
