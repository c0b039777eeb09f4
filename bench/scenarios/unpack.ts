// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Container, Engine, Image } from '../../src/index.js'
import { alternate } from '../alternate.js'
import type { Outcome, Scenario } from '../scenario.js'
import { tarAndGzip } from '../tar-and-gzip.js'
import { timed } from '../timed.js'
import type { Workbench } from '../workbench.js'

const rounds = 3

/** Taking a large image in from a directory, everything unpacked, and making its first container. */
export const unpack: Scenario = {
  name: 'unpack',
  run: async (bench: Workbench): Promise<Outcome> => {
    const image = await bench.largeImage()
    const directory = await mkdtemp(join(bench.disk.bulk, 'unpack-'))
    try {
      const ours = async (): Promise<number> => {
        // A fresh store each time: deleting and writing in one directory costs the file system seconds of its own.
        const place = await mkdtemp(join(directory, 'engine-'))
        const engine = await Engine.open({ root: join(place, 'root'), runRoot: join(place, 'run') })
        try {
          return await timed(async () => {
            const loaded = await Image.load(image.layout, { engine })
            await Container.create(loaded, { engine, idle: true, network: 'none' })
          })
        } finally {
          await engine.close()
        }
      }
      const measured = await alternate({ name: 'ours', run: ours }, [tarAndGzip(directory, image)], {
        rounds,
        repeat: 1,
      })
      return {
        scenario: 'unpack',
        title: `load and unpack ${image.files} files in ${image.layers.length} layers, ${Math.round(image.compressedBytes / 1e6)} MB compressed`,
        unit: 'ms',
        ...measured,
      }
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  },
}
