// SPDX-License-Identifier: Apache-2.0
import { strict as assert } from 'node:assert'
import { setTimeout as sleep } from 'node:timers/promises'
import { Engine, type EngineEvent, Image } from '../../src/index.js'
import type { World } from '../crash/world.js'
import { type LifePlace, lifeKinds } from './life-kinds.js'
import { type Sample, sampleAtRest } from './sample.js'

/** So many lives of containers, so many at a time. */
export interface LivesResult {
  readonly lives: number
  readonly concurrency: number
  readonly seconds: number
  /** What was not as it should be, a line each; the first twenty. */
  readonly wrong: readonly string[]
  readonly wrongCount: number
  readonly samples: readonly Sample[]
}

const rounds = 50
const eventMs = 10_000

type Told = Pick<EngineEvent & { readonly type: 'stopped' }, 'exit'> | { readonly type: string }

// Who waits for the end of a container, by its name, and what was told of it until then.
class Stories {
  readonly #told = new Map<string, { readonly events: (Told & { readonly type: string })[]; over: () => void }>()

  async read(engine: Engine, signal: AbortSignal): Promise<void> {
    for await (const event of engine.events({ signal })) {
      if (!('container' in event) || event.type === 'exec') continue
      const story = this.#told.get(event.container.name)
      story?.events.push(event)
      if (event.type === 'removed') story?.over()
    }
  }

  async of(name: string, live: () => Promise<number>): Promise<void> {
    const events: (Told & { readonly type: string })[] = []
    const over = new Promise<void>((resolve) => {
      this.#told.set(name, { events, over: resolve })
    })
    try {
      const code = await live()
      // However long a life took: what is left is to hear of its end.
      await Promise.race([over, sleep(eventMs, undefined, { ref: false })])
      const types = events.map(({ type }) => type).join(' ')
      assert.equal(types, 'created running stopped removed')
      const stopped = events.find((event) => event.type === 'stopped')
      assert.equal(stopped && 'exit' in stopped && stopped.exit.code, code)
    } finally {
      this.#told.delete(name)
    }
  }
}

/** Lives that many lives, fewer where the time is over before, and looks at everything fifty times on the way. */
export const soakLives = async (
  world: World,
  { lives, concurrency, minutes }: { readonly lives: number; readonly concurrency: number; readonly minutes: number },
): Promise<LivesResult> => {
  const engine = await Engine.open({ root: world.root, runRoot: world.runRoot })
  const reading = new AbortController()
  const stories = new Stories()
  const read = stories.read(engine, reading.signal).catch((error: unknown) => {
    if (!reading.signal.aborted) throw error
  })
  const wrong: string[] = []
  let wrongCount = 0
  let next = 0
  const place: LifePlace = { engine, image: await Image.host({ engine }) }
  const one = async (number: number) => {
    const name = `life-${concurrency}-${number}`
    const kind = lifeKinds[number % lifeKinds.length]
    try {
      await stories.of(name, async () => (await kind?.(place, { number, name })) ?? 0)
    } catch (error) {
      wrongCount++
      if (wrong.length < 20) wrong.push(`${name}: ${error instanceof Error ? error.message : error}`)
    }
  }
  const until = async (end: number) => {
    const worker = async () => {
      while (next < end) await one(next++)
    }
    await Promise.all(Array.from({ length: concurrency }, worker))
  }
  const samples: Sample[] = []
  let working = 0
  const deadline = performance.now() + minutes * 60_000
  for (let round = 1; round <= rounds && performance.now() < deadline; round++) {
    const started = performance.now()
    await until(Math.round((lives * round) / rounds))
    working += performance.now() - started
    samples.push(await sampleAtRest(world, (await engine.info()).supervisorPid, next))
    if (round % 5 === 0) console.log(`${next} lives, ${concurrency} at a time, ${wrongCount} wrong`)
  }
  reading.abort()
  await read
  await engine.close()
  return { lives: next, concurrency, seconds: working / 1000, wrong, wrongCount, samples }
}
