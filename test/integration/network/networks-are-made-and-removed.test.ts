// SPDX-License-Identifier: Apache-2.0
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Container, type EngineEvent, Network } from '../../../src/index.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
const create = (options: Parameters<typeof Network.create>[0] = {}) =>
  Network.create({ engine: host.engine, ...options })
const code = (made: Promise<unknown>) =>
  made.then(
    () => 'done',
    (error) => error.code,
  )

test('one is made, found by name and id, listed, and removed', async () => {
  const events: string[] = []
  const stop = new AbortController()
  const following = (async () => {
    for await (const event of host.engine.events({ signal: stop.signal }) as AsyncIterable<EngineEvent>)
      if (event.type === 'network') events.push(`${event.action} ${event.object}`)
  })().catch(() => {})
  const network = await create({ name: 'one', labels: { a: 'b' } })
  expect(network).toMatchObject({ name: 'one', labels: { a: 'b' }, internal: false })
  expect(network.subnets).toHaveLength(1)
  for (const key of ['one', network.id, network.id.slice(0, 10)])
    expect((await Network.get(key, { engine: host.engine })).id).toBe(network.id)
  expect((await Network.list({ engine: host.engine, labels: { a: 'b' } })).map(({ name }) => name)).toEqual(['one'])
  expect(await Network.list({ engine: host.engine, labels: { a: 'c' } })).toEqual([])
  expect(await network.inspect()).toMatchObject({ id: network.id, containers: [], isolated: false, mtu: 0 })
  await network.remove()
  expect(await code(Network.get('one', { engine: host.engine }))).toBe('ERR_NETWORK_NOT_FOUND')
  expect(await code(network.inspect())).toBe('ERR_NETWORK_NOT_FOUND')
  await expect.poll(() => events).toEqual(['create one', 'remove one'])
  stop.abort()
  await following
})

test('names and ranges of addresses are had once, also when many ask at once', async () => {
  const made = await Promise.all(Array.from({ length: 8 }, () => create()))
  expect(new Set(made.flatMap(({ subnets }) => subnets.map(({ subnet }) => subnet))).size).toBe(8)
  const same = await Promise.all(Array.from({ length: 8 }, () => code(create({ name: 'same' }))))
  expect(same.sort()).toEqual([
    'ERR_NAME_IN_USE',
    'ERR_NAME_IN_USE',
    'ERR_NAME_IN_USE',
    'ERR_NAME_IN_USE',
    'ERR_NAME_IN_USE',
    'ERR_NAME_IN_USE',
    'ERR_NAME_IN_USE',
    'done',
  ])
  const [first] = made
  expect(await code(create({ subnet: first?.subnets[0]?.subnet }))).toBe('ERR_SUBNET_IN_USE')
  expect((await Network.prune({ engine: host.engine })).length).toBe(9)
})

test('one that a container is on stays, and says which', async () => {
  const network = await create({ name: 'used' })
  const box = await host.idle({ name: 'user', network })
  await expect(network.remove()).rejects.toMatchObject({
    code: 'ERR_NETWORK_IN_USE',
    message: expect.stringContaining("'user'"),
  })
  expect(await Network.prune({ engine: host.engine })).toEqual([])
  expect((await network.inspect()).containers).toEqual(['user'])
  await box.stop()
  expect(await code(network.remove())).toBe('ERR_NETWORK_IN_USE')
  await box.remove()
  await network.remove()
})

test('the default network is there when it is wanted', async () => {
  expect(await code(Network.get('bridge', { engine: host.engine }))).toBe('ERR_NETWORK_NOT_FOUND')
  await using box = await host.idle({ network: 'bridge' })
  expect((await box.inspect()).networks).toMatchObject([{ name: 'bridge' }])
  expect((await Network.get('bridge', { engine: host.engine })).subnets[0]?.subnet).toMatch(/\/16$/)
})

test.each([
  [{ name: 'bridge' }, 'ERR_INVALID_ARGUMENT'],
  [{ name: '../x' }, 'ERR_INVALID_ARGUMENT'],
  [{ subnet: '10.1.0.1/24' }, 'ERR_INVALID_ARGUMENT'],
  [{ mtu: 10 }, 'ERR_INVALID_ARGUMENT'],
  [{ subnets: '10.1.0.0/24' }, 'ERR_INVALID_ARGUMENT'],
])('%o is refused: %s', async (options, expected) => {
  expect(await code(create(options as never))).toBe(expected)
})

test('containers refuse networks that are not there, ports without a network, and one network twice', async () => {
  const network = await create({ name: 'twice' })
  expect(await code(host.create({ network: 'nowhere' }))).toBe('ERR_NETWORK_NOT_FOUND')
  expect(await code(host.create({ network: 'none', ports: [80] }))).toBe('ERR_INVALID_ARGUMENT')
  expect(await code(host.create({ network: [network, 'twice'] }))).toBe('ERR_INVALID_ARGUMENT')
  expect(await code(host.create({ network, ports: ['65536:80'] }))).toBe('ERR_INVALID_ARGUMENT')
  expect(await Container.list({ engine: host.engine, all: true })).toEqual([])
  await network.remove()
})

test('a damaged record is named, and the others work', async () => {
  const network = await create({ name: 'whole' })
  const directory = join(host.root, 'networks/damaged')
  await mkdir(directory)
  await writeFile(join(directory, 'network.json'), '{"version":1')
  expect(await code(Network.get('damaged', { engine: host.engine }))).toBe('ERR_STORE_CORRUPT')
  expect((await Network.list({ engine: host.engine })).map(({ name }) => name)).toContain('whole')
  await network.remove()
})
