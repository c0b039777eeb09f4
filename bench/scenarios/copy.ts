// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Engine, Image } from '../../src/index.js'
import { alternate } from '../alternate.js'
import type { Outcome, Scenario } from '../scenario.js'
import { timed } from '../timed.js'
import type { Workbench } from '../workbench.js'

const run = promisify(execFile)
const megabyte = 1 << 20
const rounds = 4

/** The step `COPY` of a file of 1 GB, beside `cp` of it to where layers are, on the disk, and one SHA-256 over it. The blob that images need is packed later. */
export const copy: Scenario = {
  name: 'copy',
  run: async (bench: Workbench): Promise<Outcome> => {
    const directory = await mkdtemp(join(bench.disk.directory, 'copy-'))
    try {
      const context = join(directory, 'context')
      const file = await largeFile(context)
      let count = 0
      // Another name each time: the file is known, the layer is not.
      const ours = async () => await copyStepMs(bench.engine, context, `/file-${process.pid}-${count++}`)
      const cp = async () => {
        const to = join(directory, `copy-${count++}`)
        const copied = await timed(() => run('sh', ['-c', 'cp "$0" "$1" && sync -f "$1"', file, to]))
        await rm(to)
        return copied + (await timed(() => hashed(file)))
      }
      const peer = { name: 'cp, sync and SHA-256', run: cp }
      const measured = await alternate({ name: 'ours', run: ours }, [peer], { rounds, repeat: 1 })
      return { scenario: 'copy', title: 'COPY of a file of 1 GB', unit: 'ms', ...measured }
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  },
}

async function copyStepMs(engine: Engine, context: string, destination: string): Promise<number> {
  const controller = new AbortController()
  let took = Number.NaN
  const building = Image.build({
    engine,
    context,
    dockerfileText: `FROM scratch\nCOPY file ${destination}\n`,
    signal: controller.signal,
    onProgress: (event) => {
      if (event.type !== 'done') return
      took = event.durationMs
      controller.abort()
    },
  })
  await building.catch(() => {})
  return took
}

async function largeFile(directory: string): Promise<string> {
  await mkdir(directory)
  const path = join(directory, 'file')
  const file = await open(path, 'w')
  for (let i = 0; i < 1024; i++) await file.write(Buffer.alloc(megabyte, i))
  await file.sync()
  await file.close()
  return path
}

async function hashed(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: megabyte })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
