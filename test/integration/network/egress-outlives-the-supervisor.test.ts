// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'vitest'
import { Network } from '../../../src/index.js'
import { openSupervisor } from '../../../src/native/supervisor.js'
import { keeper, reaches, refusalsOf } from '../../support/egress-peers.js'
import { useNameServer } from '../../support/name-server.js'
import { testNeeding } from '../../support/needs.js'
import { useOutsideHost } from '../../support/outside-host.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
const names = useNameServer('127.0.77.56')
const outside = useOutsideHost({ link: 'tscout3', network: '203.0.113', hosts: [9, 10], ports: [80, 443] })
const [api = '', other = ''] = outside.addresses
const asRoot = testNeeding('root')
const learned = () => readdirSync(join(host.runRoot, 'v1/egress'))
const chains = async () =>
  (await promisify(execFile)('nft', ['list', 'ruleset'])).stdout.match(/chain egress/g)?.length ?? 0

// Whatever it has goes with SIGKILL; the next one finds out.
const killSupervisor = async (): Promise<void> => {
  const paths = { root: host.root, runRoot: host.runRoot }
  const { hello, connection } = await openSupervisor(paths)
  process.kill(hello.pid, 'SIGKILL')
  connection.close()
  const next = await openSupervisor(paths)
  next.connection.close()
}

asRoot('of a detached container: its policy, its connections and its events go on', async () => {
  names.zone.set('api.test.example', { addresses: [api] })
  const network = await Network.create({ engine: host.engine, egress: { allow: ['api.test.example'] } })
  const box = await host.idle({ network, dns: [names.address], detached: true })
  const lost = await host.idle({ network, dns: [names.address] })
  expect(await reaches(lost, 'api.test.example', 80)).toBe('open')
  const held = box.exec(keeper('api.test.example', 443), { stdin: 'pipe' })
  const lines = held.stdout.lines()[Symbol.asyncIterator]()
  expect((await lines.next()).value).toBe('kept')
  const writer = held.stdin?.getWriter()
  const echo = async () => {
    await writer?.write('again\n')
    return (await lines.next()).value
  }
  expect(learned().sort()).toEqual([box.id, lost.id].sort())

  await killSupervisor()
  expect(learned()).toEqual([box.id])
  expect(await echo()).toBe('echoed')
  const refused = refusalsOf(box)
  expect(await reaches(box, 'api.test.example', 80)).toBe('open')
  expect(await reaches(box, other, 80)).toBe('refused')
  await expect.poll(() => refused).toEqual([`${other} 80/tcp`])

  await network.update({ egress: { allow: ['10.0.0.0/8', `${other}:80`] } })
  await network.update({ egress: { allow: [`${other}:80`, '10.1.0.0/16'] } })
  expect(await echo()).toBe('ended')
  expect(await reaches(box, other, 80)).toBe('open')
  await writer?.close()
  await held
  await box.remove({ force: true })
  expect(learned()).toEqual([])
  await network.remove()
  expect(await chains()).toBe(0)
})
