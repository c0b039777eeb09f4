// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Contender } from './alternate.js'
import type { LargeImage } from './large-image.js'
import { timed } from './timed.js'

const run = promisify(execFile)

/** The system's own tools, unpacking the layers two at a time, each into a directory of its own as ours are. */
export function tarAndGzip(directory: string, image: LargeImage): Contender {
  return {
    name: 'tar and gzip, unpacking alone',
    run: async () => {
      const place = await mkdtemp(join(directory, 'tar-'))
      const left = [...image.layers]
      const unpack = async () => {
        for (let layer = left.shift(); layer !== undefined; layer = left.shift()) {
          const target = await mkdtemp(join(place, 'layer-'))
          await run('tar', ['-xzf', layer, '-C', target])
        }
      }
      return await timed(() => Promise.all([unpack(), unpack()]))
    },
  }
}
