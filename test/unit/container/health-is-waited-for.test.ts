// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import type { ContainerContext } from '../../../src/container/container-context.js'
import type { Wait } from '../../../src/container/ready/wait.js'
import { waitForHealth } from '../../../src/container/ready/wait-for-health.js'
import { TrackedContainer } from '../../../src/container/tracked-container.js'
import type { EventOf } from '../../../src/events/engine-event.js'

type Status = EventOf<'health'>['status']

const setUp = (status: Status | null) => {
  const container = new TrackedContainer({ id: 'a'.repeat(64), name: 'box', detached: false })
  container.health = status
  const notes: string[] = []
  const controller = new AbortController()
  const wait: Wait = {
    subject: { container, context: {} as ContainerContext },
    signal: controller.signal,
    ended: new Promise(() => {}),
    since: undefined,
    note: (problem) => void notes.push(problem),
  }
  const identity = { id: container.id, name: container.name, labels: {} }
  const becomes = (next: Status) => {
    const event = { type: 'health', status: next, container: identity, cursor: '1:1', time: new Date() } as const
    container.apply(event)
    container.emitter.emit('health', event)
  }
  return { container, controller, wait, notes, becomes }
}

test('it resolves at the event that says healthy, and notes the others', async () => {
  const { container, wait, notes, becomes } = setUp('starting')
  const waiting = waitForHealth(wait)
  becomes('unhealthy')
  becomes('healthy')
  await waiting
  expect(notes).toEqual(['starting', 'unhealthy'])
  expect(container.emitter.listenerCount('health')).toBe(0)
})

test('it resolves at once where that is said already', async () => {
  await waitForHealth(setUp('healthy').wait)
})

test('an abort ends it with the reason and leaves no listener', async () => {
  const { container, controller, wait } = setUp('starting')
  const waiting = waitForHealth(wait)
  controller.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
  expect(container.emitter.listenerCount('health')).toBe(0)
})

test('without a health check there is nothing to wait for', async () => {
  await expect(waitForHealth(setUp(null).wait)).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT', option: 'ready' })
})
