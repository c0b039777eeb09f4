// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest'
import { Container, Ready } from '../../../src/index.js'
import { failure } from '../../support/engine-failure.js'
import { insideServers } from '../../support/inside-servers.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
const shell = (script: string) => ['sh', '-c', script]
const nothingLeft = async () => {
  const left = await Container.list({ engine: host.engine, all: true })
  expect(left.map(({ name }) => name)).toEqual([])
}

describe('an abort', () => {
  const reason = new Error('changed my mind')

  test('during the wait ends it with the reason, and nothing is left', async () => {
    const controller = new AbortController()
    const running = host.run({
      command: ['sleep', '1000'],
      ready: Ready.all(Ready.port(1), Ready.exec(['sleep', '1000']), Ready.log('x')),
      on: { running: () => void setTimeout(() => controller.abort(reason), 50) },
      signal: controller.signal,
    })
    await expect(running).rejects.toBe(reason)
    await nothingLeft()
  })

  test('of a start ends the container', async () => {
    const controller = new AbortController()
    const box = await host.create({
      command: ['sleep', '1000'],
      ready: Ready.port(1),
      on: { running: () => void setTimeout(() => controller.abort(reason), 50) },
    })
    await expect(box.start({ signal: controller.signal })).rejects.toBe(reason)
    expect(box.state).toBe('stopped')
    await box.remove()
  })

  test('of a later wait leaves it alone', async () => {
    const box = await host.idle()
    await expect(box.waitUntil(Ready.port(1), { signal: AbortSignal.timeout(50) })).rejects.toMatchObject({
      name: 'TimeoutError',
    })
    await expect(box.waitUntil(Ready.port(1), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(box.state).toBe('running')
    await box.remove({ force: true })
  })
})

describe('later', () => {
  test('what has been written counts, and what has ended has ended', async () => {
    const box = await host.run({ command: shell('echo ready; read line') })
    await box.waitUntil(Ready.log('ready'))
    await box.waitUntil(Ready.exit(1))
    await box.waitUntil(Ready.log('ready'))
    expect(await failure(box.waitUntil(Ready.port(80)))).toMatchObject({
      code: 'ERR_CONTAINER_EXITED',
      exit: { code: 1 },
    })
    await box.remove()
    expect((await failure(box.waitUntil(Ready.port(80)))).code).toBe('ERR_CONTAINER_NOT_FOUND')
  })

  test('one that was never started is not waited for', async () => {
    const box = await host.create()
    expect((await failure(box.waitUntil(Ready.exit()))).code).toBe('ERR_CONTAINER_STATE')
    await box.remove()
  })

  test('a detached one is waited for as well', async () => {
    const command = insideServers.http({ delayS: 0.2 })
    const box = await host.run({ command, detached: true, ready: Ready.all(Ready.port(8080), Ready.log('listening')) })
    const same = await Container.get(box.name, { engine: host.engine })
    await same.waitUntil(Ready.http('/', { port: 8080 }))
    const ended = failure(same.waitUntil(Ready.port(1)))
    await box.kill()
    expect(await ended).toMatchObject({ code: 'ERR_CONTAINER_EXITED', exit: { signal: 'SIGKILL' } })
    await box.remove()
  })

  test('a container without a health check has no health to wait for', async () => {
    expect(await failure(host.run({ command: ['sleep', '1000'], ready: Ready.healthy() }))).toMatchObject({
      code: 'ERR_INVALID_ARGUMENT',
      option: 'ready',
    })
    await nothingLeft()
  })
})
