// SPDX-License-Identifier: Apache-2.0
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Container, Engine, Image, Network } from '../../../src/index.js'
import { openSupervisor } from '../../../src/native/supervisor.js'
import { eventually } from '../../support/container-watch.js'
import { emptyAndClose, supervisorGone, useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()

interface Begun {
  readonly engine: Engine
  readonly paths: { readonly root: string; readonly runRoot: string }
  /** From the next start on its program goes on. */
  mend(): Promise<void>
}

// An engine with a network, and on that a container that ends at once, again and again.
const begin = async (name: string): Promise<Begun> => {
  const directory = join(host.directory, name)
  const shared = join(directory, 'shared')
  await mkdir(shared, { recursive: true })
  const paths = { root: join(directory, 'root'), runRoot: join(directory, 'run') }
  const engine = await Engine.open(paths)
  const box = await Container.run(await Image.host({ engine }), {
    engine,
    detached: true,
    name: 'box',
    network: await Network.create({ engine, name: 'kept' }),
    restart: 'always',
    mounts: [{ type: 'bind', source: shared, target: '/shared' }],
    command: ['sh', '-c', 'test -e /shared/go && exec sleep 1000; exit 3'],
  })
  await eventually(
    () => box.inspect(),
    ({ nextRestartAt }) => (nextRestartAt?.getTime() ?? 0) - Date.now() > 600,
  )
  return { engine, paths, mend: () => writeFile(join(shared, 'go'), '') }
}

const expectBack = async ({ paths }: Begun): Promise<void> => {
  const engine = await Engine.open(paths)
  const box = await Container.get('box', { engine })
  const { networks } = await eventually(
    () => box.inspect(),
    ({ state }) => state === 'running',
  )
  expect(networks).toMatchObject([{ name: 'kept', addresses: [expect.any(String)] }])
  const peer = await Container.run(await Image.host({ engine }), { engine, idle: true, network: 'kept' })
  expect((await peer.sh('getent hosts box')).stdout).toContain(networks[0]?.addresses[0])
  await emptyAndClose(engine, paths.runRoot)
}

describe('a detached container comes back to its network', () => {
  test('when the supervisor leaves while a restart is to come', async () => {
    const begun = await begin('leaves')
    await begun.engine.close()
    await supervisorGone(begun.paths.runRoot)
    await begun.mend()
    await expectBack(begun)
  })

  test('when the supervisor is killed while a restart is to come', async () => {
    const begun = await begin('killed')
    process.kill((await begun.engine.info()).supervisorPid, 'SIGKILL')
    await begun.engine.close()
    await begun.mend()
    await expectBack(begun)
  })

  test('when it is started again by its monitor, and the next supervisor has taken that away since it was stopped', async () => {
    const paths = { root: join(host.directory, 'stopped/root'), runRoot: join(host.directory, 'stopped/run') }
    const engine = await Engine.open(paths)
    const network = await Network.create({ engine, name: 'kept' })
    const box = await Container.run(await Image.host({ engine }), {
      engine,
      detached: true,
      network,
      command: ['sleep', '1000'],
    })
    await box.stop({ timeoutMs: 0 })
    process.kill((await engine.info()).supervisorPid, 'SIGKILL')
    const { connection } = await openSupervisor(paths)
    expect((await connection.request('network.list', {})).result.networks).toEqual([])
    await box.start()
    expect((await box.inspect()).networks).toMatchObject([{ name: 'kept', addresses: [expect.any(String)] }])
    expect((await connection.request('network.list', {})).result.networks).toHaveLength(1)
    connection.close()
    await emptyAndClose(engine, paths.runRoot)
  })
})
