// SPDX-License-Identifier: Apache-2.0
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Container, Engine, Image, Network } from '../../../src/index.js'
import { eventually } from '../../support/container-watch.js'
import { emptyAndClose, supervisorGone, useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()

describe('a detached container that waits for its restart comes back to its network', () => {
  for (const end of ['leaves', 'is killed'] as const)
    test(`when the supervisor ${end} meanwhile`, async () => {
      const directory = join(host.directory, end.replace(' ', '-'))
      const shared = join(directory, 'shared')
      await mkdir(shared, { recursive: true })
      const paths = { root: join(directory, 'root'), runRoot: join(directory, 'run') }
      let engine = await Engine.open(paths)
      const network = await Network.create({ engine, name: 'kept' })
      const image = await Image.host({ engine })
      const box = await Container.run(image, {
        engine,
        detached: true,
        name: 'box',
        network,
        restart: 'always',
        mounts: [{ type: 'bind', source: shared, target: '/shared' }],
        command: ['sh', '-c', 'test -e /shared/go && exec sleep 1000; exit 3'],
      })
      await eventually(
        () => box.inspect(),
        ({ nextRestartAt }) => (nextRestartAt?.getTime() ?? 0) - Date.now() > 1200,
      )
      if (end === 'is killed') process.kill((await engine.info()).supervisorPid ?? 0, 'SIGKILL')
      await engine.close()
      if (end === 'leaves') await supervisorGone(paths.runRoot)
      engine = await Engine.open(paths)
      const other = await Container.get('box', { engine })
      await writeFile(join(shared, 'go'), '')
      const { networks } = await eventually(
        () => other.inspect(),
        ({ state }) => state === 'running',
      )
      expect(networks).toMatchObject([{ name: 'kept', addresses: [expect.any(String)] }])
      const peer = await Container.run(await Image.host({ engine }), { engine, idle: true, network: 'kept' })
      expect((await peer.sh(`getent hosts box`)).stdout).toContain(networks[0]?.addresses[0])
      await emptyAndClose(engine, paths.runRoot)
    })
})
