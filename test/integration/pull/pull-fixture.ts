// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { Container, Engine, Image, type PullProgress } from '../../../src/index.js'
import { digestOf } from '../../../src/oci/digest.js'
import { supervisorGone } from '../../support/test-engine.js'
import { LayoutWriter } from './layered-images.js'
import { startWatchedRegistry, type WatchedRegistry } from './watched-registry.js'

/** A registry, an engine that pulls from it, and a layout to make images in, for the tests of one file. */
export interface PullFixture {
  readonly registry: WatchedRegistry
  readonly engine: Engine
  readonly layout: LayoutWriter
  readonly directory: string
  /** `127.0.0.1:port/name`. */
  ref(name: string): string
  /** Another engine, with a store of its own below the directory; closed and removed with the rest. */
  another(name: string): Promise<Engine>
}

/** Opens them before the tests of a file. `base`: where; in memory it is quicker to remove large images. */
export const usePullFixture = (base = process.env.TSC_TEST_ROOT ?? tmpdir()): PullFixture => {
  let opened: { directory: string; registry: WatchedRegistry; engines: Engine[]; layout: LayoutWriter } | undefined
  const get = () => {
    if (!opened) throw new Error('the registry is there only while tests run')
    return opened
  }
  const another = async (name: string) => {
    const { directory, engines } = get()
    await mkdir(join(directory, `${name}-run`), { mode: 0o700 })
    const engine = await Engine.open({ root: join(directory, name), runRoot: join(directory, `${name}-run`) })
    engines.push(engine)
    return engine
  }
  beforeAll(async () => {
    const directory = await mkdtemp(join(base, 'tsc-pull-'))
    const registry = await startWatchedRegistry(join(directory, 'registry'))
    opened = { directory, registry, engines: [], layout: new LayoutWriter(join(directory, 'layout')) }
    await another('root')
  })
  afterAll(async () => {
    if (!opened) return
    const { directory, registry, engines } = opened
    for (const engine of engines) await empty(engine)
    await registry.stop()
    await rm(directory, { recursive: true, force: true })
  })
  return {
    get registry() {
      return get().registry
    },
    get engine() {
      return get().engines[0]!
    },
    get layout() {
      return get().layout
    },
    get directory() {
      return get().directory
    },
    ref: (name) => `${get().registry.host}/${name}`,
    another,
  }
}

/** Removes everything of an engine's store, and closes it. */
export const empty = async (engine: Engine): Promise<void> => {
  const { runRoot } = await engine.info()
  for (const container of await Container.list({ engine, all: true })) await container.remove({ force: true })
  for (const image of await Image.list({ engine })) await image.remove({ force: true })
  await Image.prune({ engine })
  await engine.close()
  await supervisorGone(runRoot)
}

/** The events of a loop, to its end. */
export const collect = async (progress: AsyncIterable<PullProgress>): Promise<readonly PullProgress[]> => {
  const events: PullProgress[] = []
  for await (const event of progress) events.push(event)
  return events
}

/** What is wrong with a store's visible content, whatever happened to it: nothing. */
export const damage = async (root: string): Promise<readonly string[]> => {
  const wrong: string[] = []
  for (const name of await readdir(join(root, 'blobs/sha256'))) {
    const digest = digestOf(await readFile(join(root, 'blobs/sha256', name)))
    if (digest !== `sha256:${name}`) wrong.push(`blob ${name} is ${digest}`)
  }
  for (const name of await layersOf(root)) {
    const record = await readFile(join(root, 'layers', name, 'layer.json'), 'utf8').catch(() => '{}')
    if (JSON.parse(record).diffId !== `sha256:${name}`) wrong.push(`layer ${name} has no record`)
  }
  return wrong
}

/** The unpacked layers of a store. */
export const layersOf = async (root: string): Promise<readonly string[]> =>
  (await readdir(join(root, 'layers'))).filter((name) => /^[0-9a-f]{64}$/.test(name))

/** What an interrupted pull left for the next one. */
export const partialsOf = async (root: string): Promise<readonly string[]> =>
  (await readdir(join(root, 'cache'))).filter((name) => name.startsWith('partial-'))
