// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect } from 'vitest'
import { openSupervisor } from '../../../src/native/supervisor.js'
import { testNeeding } from '../../support/needs.js'
import { supervisorGone } from '../../support/test-engine.js'

const asRoot = testNeeding('root')
const links = () => readdirSync('/sys/class/net')
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
    expect(result.routes.length).toBeGreaterThan(0)
    await second.connection.request('network.ensure', { network })
    second.connection.close()
    await supervisorGone(paths.runRoot)
    await expect.poll(() => ({ links: links(), forwarding: forwarding() })).toEqual(before)
  })
})
