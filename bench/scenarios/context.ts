// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { digestSource } from '../../src/build/context/digest-source.js'
import { openDirectoryContext } from '../../src/build/context/open-directory-context.js'
import { copyStep } from '../../src/build/steps/copy-step.js'
import type { LayerContext } from '../../src/layer/layer-context.js'
import { FileLocker } from '../../src/native/file-lock.js'
import { openSupervisor } from '../../src/native/supervisor.js'
import { Store } from '../../src/store/store.js'
import type { Outcome, Scenario } from '../scenario.js'
import { summarize } from '../summary.js'
import { timed } from '../timed.js'
import type { Workbench } from '../workbench.js'

const rounds = 7
const perDirectory = 100
const megabyte = 1 << 20

/** What a build asks of its context: the digest of all of it, and a layer of a large file. */
export const context: Scenario = {
  name: 'context',
  run: async (bench: Workbench): Promise<Outcome> => {
    const directory = await mkdtemp(join(bench.disk.bulk, 'context-'))
    const root = join(directory, 'root')
    const locker = new FileLocker()
    const store = await Store.open({ root, locker })
    const { connection, hello } = await openSupervisor({ root, runRoot: join(directory, 'run') })
    const layers = { store, locker, connection: async () => connection, host: async () => hello }
    try {
      const small = await makeContext(join(directory, 'small'), 500)
      const large = await makeContext(join(directory, 'large'), 60_000)
      const unchanged = await digests(layers, small)
      const details = {
        '500 files, first time': unchanged.first,
        '500 files, one changed': await afterChange(layers, small),
        ...(await largeDetails(layers, large)),
        '1 GB copied': await copyOf(layers, directory),
      }
      return {
        scenario: 'context',
        title: 'digest of a context of 500 files of which none changed',
        unit: 'ms',
        ours: unchanged.summary,
        comparisons: [],
        details,
      }
    } finally {
      connection.close()
      await rm(directory, { recursive: true, force: true })
    }
  },
}

async function makeContext(path: string, files: number): Promise<string> {
  for (let i = 0; i < files; i++) {
    const inside = join(path, `d${Math.floor(i / perDirectory)}`)
    if (i % perDirectory === 0) await mkdir(inside, { recursive: true })
    await writeFile(join(inside, `f${i}`), `content ${i}\n`.repeat(50))
  }
  // What was written a moment ago is not remembered.
  await new Promise((resolve) => setTimeout(resolve, 100))
  return path
}

async function digestMs(layers: LayerContext, path: string): Promise<number> {
  const source = openDirectoryContext(path)
  try {
    return await timed(() => digestSource(layers, source, { sources: ['.'], ignore: ['**/node_modules'] }))
  } finally {
    await source.close()
  }
}

async function digests(layers: LayerContext, path: string) {
  const first = await digestMs(layers, path)
  const times: number[] = []
  for (let i = 0; i < rounds; i++) times.push(await digestMs(layers, path))
  return { first, summary: summarize(times) }
}

async function afterChange(layers: LayerContext, path: string): Promise<number> {
  await writeFile(join(path, 'd0/f0'), 'changed')
  return await digestMs(layers, path)
}

async function largeDetails(layers: LayerContext, path: string): Promise<Record<string, number>> {
  const { first, summary } = await digests(layers, path)
  return { '60,000 files, first time': first, '60,000 files, none changed': summary.median }
}

async function copyOf(layers: LayerContext, directory: string): Promise<number> {
  const path = join(directory, 'big')
  await mkdir(path)
  const file = await open(join(path, 'file'), 'w')
  for (let i = 0; i < 1024; i++) await file.write(Buffer.alloc(megabyte, i))
  await file.sync()
  await file.close()
  const source = openDirectoryContext(path)
  try {
    const selection = { sources: ['.'] }
    await digestSource(layers, source, selection)
    return await timed(() => copyStep(layers, { layers: [], sources: [{ source, selection }], destination: '/' }))
  } finally {
    await source.close()
  }
}
