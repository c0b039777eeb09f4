// SPDX-License-Identifier: Apache-2.0
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { Container } from '../../../src/index.js'
import { openSupervisor } from '../../../src/native/supervisor.js'
import { linksOf } from '../../support/leak-links.js'
import { isAlive, ownerOf } from '../../support/monitor.js'
import { seenFrom, whoServer } from '../../support/network-peers.js'
import { useTestEngine } from '../../support/test-engine.js'
import { attach, useTestNetworks } from '../../support/test-networks.js'

const engine = useTestEngine()
const networks = useTestNetworks(engine)
const subnets = [{ subnet: '10.218.0.0/24', gateway: '10.218.0.1' }]
const port = { hostAddress: '127.0.0.1', hostPort: 0, containerPort: 80, protocol: 'tcp' as const }

let network: string

describe('a detached container', () => {
  beforeAll(async () => {
    network = await networks.ensure({ bridge: 'tsctest8', subnets })
  })

  test('has its address again when its monitor is killed, and started anew before anybody has seen that', async () => {
    attach('again', { networks: [{ network, addresses: ['10.218.0.7'] }] })
    const box = await engine.run({ name: 'again', detached: true, command: ['sleep', '1000'] })
    const monitor = ownerOf(box.pid)
    process.kill(networks.supervisorPid, 'SIGSTOP')
    const next = networks.connection.request('monitor', { container: box.id })
    await new Promise((resolve) => setTimeout(resolve, 50))
    process.kill(monitor, 'SIGKILL')
    await expect.poll(() => isAlive(monitor)).toBe(false)
    process.kill(networks.supervisorPid, 'SIGCONT')
    await next
    const again = await Container.get(box.id, { engine: engine.engine })
    await again.start()
    expect((await again.inspect()).networks).toMatchObject([{ addresses: ['10.218.0.7'] }])
    expect(readdirSync(`${engine.runRoot}/v1/endpoints`)).toHaveLength(1)
    await again.remove({ force: true })
    const holders = join(engine.runRoot, 'v1/holders')
    if (existsSync(holders)) await expect.poll(() => readdirSync(holders)).toEqual([String(networks.supervisorPid)])
  })

  test('keeps its network and its ports when the supervisor is killed', async () => {
    attach('kept', { networks: [{ network, addresses: ['10.218.0.2'], defaultRoute: true }], ports: [port] })
    attach('lost', { networks: [{ network, addresses: ['10.218.0.3'] }] })
    attach('next', { networks: [{ network, addresses: ['10.218.0.3'] }] })
    const kept = await engine.run({ name: 'kept', detached: true, command: whoServer(80, '0.0.0.0') })
    for await (const { line } of kept.logs({ follow: true })) if (line.includes('listening')) break
    await engine.idle({ name: 'lost' })
    const { result } = await networks.connection.request('list', {})
    expect(result.containers).toHaveLength(2)
    process.kill(networks.supervisorPid, 'SIGKILL')
    const { connection } = await openSupervisor({ root: engine.root, runRoot: engine.runRoot })
    try {
      const next = await engine.idle({ name: 'next' })
      expect(await seenFrom(next, '10.218.0.2', 80)).toBe('10.218.0.3')
      const listed = (await Container.list({ engine: engine.engine })).map(({ name }) => name)
      expect(listed.sort()).toEqual(['kept', 'next'])
      await expect(connection.request('network.remove', { network })).rejects.toMatchObject({ errno: 'EBUSY' })
      await next.remove({ force: true })
      // Whose child the monitor was is no matter: what it leaves is taken away by the one that is there.
      process.kill(ownerOf((await kept.inspect()).pid), 'SIGKILL')
      await expect.poll(() => readdirSync(`${engine.runRoot}/v1/endpoints`)).toEqual([])
      await expect.poll(() => readdirSync(`${engine.runRoot}/v1/monitors`)).toEqual([])
      await kept.remove({ force: true })
      await connection.request('network.remove', { network })
      expect(linksOf()).not.toContain('tsctest8')
    } finally {
      connection.close()
    }
  })
})
