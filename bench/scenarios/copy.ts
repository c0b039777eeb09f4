// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Image } from '../../src/index.js'
import { alternate } from '../alternate.js'
import type { Outcome, Scenario } from '../scenario.js'
import { timed } from '../timed.js'
import type { Workbench } from '../workbench.js'

const run = promisify(execFile)
const megabyte = 1 << 20
const rounds = 5

/** `COPY` of a file of 1 GB into a layer, beside `cp` of it and one SHA-256 over it. */
export const copy: Scenario = {
  name: 'copy',
  run: async (bench: Workbench): Promise<Outcome> => {
    const directory = await mkdtemp(join(bench.disk.bulk, 'copy-'))
    try {
      const file = await largeFile(join(directory, 'context'))
      const context = join(directory, 'context')
      let count = 0
      // Another name each time: the file is known, the layer is not.
      const ours = async () => {
        const dockerfileText = `FROM scratch\nCOPY file /file-${process.pid}-${count++}\n`
        return await timed(() => Image.build({ engine: bench.engine, context, dockerfileText }))
      }
      const cp = async () => {
        const to = join(directory, `copy-${count++}`)
        const copied = await timed(() => run('cp', [file, to]))
        await rm(to)
        return copied + (await timed(() => hashed(file)))
      }
      const measured = await alternate({ name: 'ours', run: ours }, [{ name: 'cp and SHA-256', run: cp }], {
        rounds,
        repeat: 1,
      })
      return { scenario: 'copy', title: 'COPY of a file of 1 GB', unit: 'ms', ...measured }
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  },
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
