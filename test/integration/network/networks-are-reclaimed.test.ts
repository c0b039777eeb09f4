// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect } from 'vitest'
import { openSupervisor } from '../../../src/native/supervisor.js'
import { linksOf } from '../../support/leak-links.js'
import { testNeeding } from '../../support/needs.js'
import { supervisorGone } from '../../support/test-engine.js'

const asRoot = testNeeding('root')
const links = () => linksOf()
const tables = async () => (await promisify(execFile)('nft', ['list', 'tables'])).stdout
const forwarding = () => readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8').trim()
const network = {
  id: 'ab'.repeat(32),
  bridge: 'tsctest4',
  subnets: [{ subnet: '10.215.0.0/24', gateway: '10.215.0.1' }],
}

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tsc-networks-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

describe('networks', () => {
  asRoot('of a supervisor that was killed are gone with the next one, and the host is as before', async () => {
    const before = { links: links(), forwarding: forwarding() }
    const paths = { root: join(directory, 'root'), runRoot: join(directory, 'run') }
    const first = await openSupervisor(paths)
    await first.connection.request('network.ensure', { network })
    await first.connection.request('network.ensure', { network })
    expect(links()).toContain('tsctest4')
    process.kill(first.hello.pid, 'SIGKILL')
    first.connection.close()
    const second = await openSupervisor(paths)
    expect({ links: links(), forwarding: forwarding() }).toEqual(before)
    const { result } = await second.connection.request('network.list', {})
    expect(result.networks).toEqual([])
    const routes = readFileSync('/proc/net/route', 'utf8').trim().split('\n').length - 1
    expect(result.routes.length).toBeGreaterThanOrEqual(routes)
    await second.connection.request('network.ensure', { network })
    second.connection.close()
    await supervisorGone(paths.runRoot)
    await expect.poll(() => ({ links: links(), forwarding: forwarding() })).toEqual(before)
  })

  asRoot('are reclaimed whenever it was killed', async () => {
    const before = { links: links(), forwarding: forwarding(), tables: await tables() }
    const paths = { root: join(directory, 'root'), runRoot: join(directory, 'run') }
    for (const delayMs of [0, 0.3, 0.6, 1, 1.5, 2, 3, 4, 6, 10]) {
      const { connection, hello } = await openSupervisor(paths)
      const answers = [
        connection.request('network.ensure', { network }),
        connection.request('network.remove', { network: network.id }),
        connection.request('network.ensure', { network }),
      ]
      const settled = Promise.allSettled(answers)
      const until = performance.now() + delayMs
      while (performance.now() < until) await new Promise((resolve) => setImmediate(resolve))
      process.kill(hello.pid, 'SIGKILL')
      await settled
      connection.close()
      const next = await openSupervisor(paths)
      // A child that was deleting a link may be at it still.
      await expect.poll(links).toEqual(before.links)
      expect({ forwarding: forwarding(), tables: await tables() }).toEqual({
        forwarding: before.forwarding,
        tables: before.tables,
      })
      next.connection.close()
      await supervisorGone(paths.runRoot)
    }
  })
})
