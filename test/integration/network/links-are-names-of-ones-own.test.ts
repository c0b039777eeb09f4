// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest'
import { type Container, Network } from '../../../src/index.js'
import { useTestEngine } from '../../support/test-engine.js'

const engine = useTestEngine()
const lookUp = async (box: Container, name: string) =>
  (await box.exec(['getent', 'ahostsv4', name], { check: false })).stdout.split(' ')[0]

describe('a link', () => {
  test('is a name that one container alone has for another, as long as that runs', async () => {
    const network = await Network.create({ name: 'linked', internal: true, engine: engine.engine })
    const store = await engine.idle({ name: 'store', network })
    const user = await engine.idle({ name: 'user', network, links: ['store:Database', 'store:db.example'] })
    const other = await engine.idle({ name: 'other', network })
    const address = await lookUp(other, 'store')
    expect(address).toMatch(/^\d/)
    expect(await lookUp(user, 'database')).toBe(address)
    expect(await lookUp(user, 'db.example')).toBe(address)
    expect(await lookUp(other, 'database')).toBe('')
    expect((await user.exec(['env'])).stdout).not.toMatch(/DATABASE|STORE/)
    await store.stop({ timeoutMs: 0 })
    expect(await lookUp(user, 'database')).toBe('')
    await store.start()
    await user.restart({ timeoutMs: 0 })
    expect(await lookUp(user, 'database')).toBe(await lookUp(other, 'store'))
    await network.disconnect(store)
    expect(await lookUp(user, 'database')).toBe('')
    for (const box of [store, user, other]) await box.remove({ force: true })
    await network.remove()
  })

  test('is refused with who is not there, and where there is no network', async () => {
    await expect(engine.create({ network: 'bridge', links: ['nobody:db'] })).rejects.toMatchObject({
      code: 'ERR_CONTAINER_NOT_FOUND',
    })
    await expect(engine.create({ network: 'host', links: ['nobody'] })).rejects.toMatchObject({
      code: 'ERR_INVALID_ARGUMENT',
      option: 'links',
    })
    for (const links of [['a:b:c'], ['a:-'], ['a:x', 'b:X'], 'a:b'])
      await expect(engine.create({ network: 'bridge', links: links as never })).rejects.toMatchObject({
        code: 'ERR_INVALID_ARGUMENT',
      })
  })
})
