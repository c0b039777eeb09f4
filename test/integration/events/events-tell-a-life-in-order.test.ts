// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import type { Container, EngineEvent } from '../../../src/index.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()

const life = ['created', 'running', 'stopped', 'removed']

test('a container that lives a millisecond is told completely, in order, with its snapshot current', async () => {
  const seen: string[] = []
  const states: string[] = []
  const held: { box?: Container } = {}
  const note = (event: EngineEvent) => {
    seen.push(event.type)
    states.push(held.box?.state ?? 'unknown')
  }
  const on = { created: note, running: note, stopped: note, removed: note }
  const box = await host.create({ command: ['true'], on })
  held.box = box
  await box.start()
  await box.wait()
  await box.remove()
  expect(seen).toEqual(life)
  expect(states.slice(1)).toEqual(life.slice(1))
})

test('fifty of them, eight at a time, are all told to the engine', async () => {
  const seen = new Map<string, string[]>()
  const note = (event: EngineEvent) => {
    if ('container' in event) seen.set(event.container.id, [...(seen.get(event.container.id) ?? []), event.type])
  }
  for (const type of ['created', 'running', 'stopped', 'removed'] as const) host.engine.on(type, note)
  let left = 50
  const worker = async () => {
    while (left-- > 0) {
      const box = await host.run({ command: ['true'], autoRemove: true })
      await box.wait({ condition: 'removed' })
    }
  }
  await Promise.all(Array.from({ length: 8 }, worker))
  for (const type of ['created', 'running', 'stopped', 'removed'] as const) host.engine.off(type, note)
  expect(seen.size).toBe(50)
  for (const types of seen.values()) expect(types).toEqual(life)
})

test('a loop sees what a listener sees, and resumes after a cursor', async () => {
  const controller = new AbortController()
  const events = host.engine.events({ signal: controller.signal })
  const box = await host.run({ command: ['sh', '-c', 'exit 3'], labels: { a: 'b' } })
  const seen: EngineEvent[] = []
  for await (const event of events) {
    seen.push(event)
    if (event.type === 'stopped') break
  }
  expect(seen.map(({ type }) => type)).toEqual(['created', 'running', 'stopped'])
  expect(seen[2]).toMatchObject({
    container: { id: box.id, name: box.name, labels: { a: 'b' } },
    exit: { code: 3 },
    willRestart: false,
  })
  const again: string[] = []
  for await (const event of host.engine.events({ since: seen[0]!.cursor })) {
    again.push(event.type)
    if (event.type === 'stopped') break
  }
  expect(again).toEqual(['running', 'stopped'])
  await box.remove()
})

test('pause, resume and execs are told', async () => {
  const seen: string[] = []
  const box = await host.idle({
    on: { paused: () => seen.push('paused'), running: ({ reason }) => seen.push(reason) },
  })
  const execs: (number | null)[] = []
  host.engine.on('exec', ({ exitCode }) => execs.push(exitCode))
  await box.exec(['sh', '-c', 'exit 6'], { check: false })
  const paused = await box.pause().then(
    () => true,
    () => false,
  )
  if (paused) await box.resume()
  await box.remove({ force: true })
  expect(seen).toEqual(paused ? ['started', 'paused', 'resumed'] : ['started'])
  expect(execs).toEqual([null, 6])
})
