// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Container, EngineError } from '../../../src/index.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
let box: Container
beforeEach(async () => {
  box = await host.idle()
})
afterEach(() => box.remove({ force: true }))

const settled = () => new Promise((resolve) => setTimeout(resolve, 50))

// In all of these a rejection that nobody handles would fail the run.
test('a command that nobody awaits may be killed', async () => {
  const command = box.exec(['sleep', '1000'])
  await command.spawned()
  const ended = once(process, 'unhandledRejection', { signal: AbortSignal.timeout(300) }).catch(() => 'none')
  await command.kill()
  expect(await ended).toBe('none')
})

test('a command that nobody awaits may end with its container, and who awaits it hears why', async () => {
  const [forgotten, awaited] = [box.exec(['sleep', '1000']), box.exec(['sleep', '1000'])]
  await Promise.all([forgotten.spawned(), awaited.spawned()])
  const [error] = await Promise.all([awaited.catch((reason: unknown) => reason), box.stop({ timeoutMs: 0 })])
  if (!EngineError.is(error, 'ERR_EXEC_FAILED')) throw error
  expect(error.result.signal).toBe('SIGKILL')
  expect(error.hint).toContain('its container was stopped')
  await settled()
})

test('a detached command may end whenever it does', async () => {
  const command = box.exec(['sh', '-c', 'exit 3'], { detached: true })
  await command.spawned()
  await settled()
  await expect(command).rejects.toMatchObject({ code: 'ERR_EXEC_FAILED' })
})

test('many commands under one signal are no leak to be warned of', async () => {
  const warnings: Error[] = []
  const listener = (warning: Error) => void warnings.push(warning)
  process.on('warning', listener)
  const { signal } = new AbortController()
  await Promise.all(Array.from({ length: 20 }, () => box.exec(['true'], { signal })))
  await settled()
  process.off('warning', listener)
  expect(warnings).toEqual([])
})
