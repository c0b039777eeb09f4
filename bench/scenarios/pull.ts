// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { promisify } from 'node:util'
import { Engine, Image } from '../../src/index.js'
import { startDockerRegistry } from '../../test/support/registry/docker-registry.js'
import { alternate } from '../alternate.js'
import { pullers } from '../peers/pullers.js'
import type { Outcome, Scenario } from '../scenario.js'
import { tarAndGzip } from '../tar-and-gzip.js'
import { timed } from '../timed.js'
import type { Workbench } from '../workbench.js'

const run = promisify(execFile)
const rounds = 3

/** A fresh store each time: deleting and writing in one directory costs the file system seconds of its own. */
async function inFreshEngine<T>(directory: string, use: (engine: Engine) => Promise<T>): Promise<T> {
  const place = await mkdtemp(join(directory, 'engine-'))
  const engine = await Engine.open({ root: join(place, 'root'), runRoot: join(place, 'run') })
  try {
    return await use(engine)
  } finally {
    await engine.close()
  }
}

/** Pulling a large image from a registry on this machine, everything unpacked, beside others that do so; and pulling it again. */
export const pull: Scenario = {
  name: 'pull',
  run: async (bench: Workbench): Promise<Outcome> => {
    const directory = await mkdtemp(join(bench.disk.bulk, 'pull-'))
    await mkdir(join(directory, 'registry'))
    const registry = await startDockerRegistry(join(directory, 'registry'))
    try {
      const image = await bench.largeImage()
      const reference = `${registry.host}/large:1`
      await run('skopeo', [
        'copy',
        '-q',
        '--dest-tls-verify=false',
        `oci:${image.layout}:large`,
        `docker://${reference}`,
      ])
      const again: number[] = []
      const delay = monitorEventLoopDelay({ resolution: 5 })
      const ours = {
        name: 'ours',
        run: () =>
          inFreshEngine(directory, async (engine) => {
            await engine.info()
            delay.enable()
            const first = await timed(() => Image.pull(reference, { engine }))
            delay.disable()
            again.push(await timed(() => Image.pull(reference, { engine })))
            return first
          }),
      }
      const others = bench.withPeers ? await pullers(directory, reference) : []
      const measured = await alternate(ours, [tarAndGzip(directory, image), ...others], { rounds, repeat: 1 })
      return {
        scenario: 'pull',
        title: `pull ${image.files} files in ${image.layers.length} layers, ${Math.round(image.compressedBytes / 1e6)} MB compressed`,
        unit: 'ms',
        ...measured,
        details: {
          'pulled again': Math.max(...again),
          'event loop delay, 99 of 100': delay.percentile(99) / 1e6,
        },
      }
    } finally {
      await registry.stop()
      await rm(directory, { recursive: true, force: true })
    }
  },
}
