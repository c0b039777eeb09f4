// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { Container, type ContainerOptions, Engine, Image, Volume } from '../../src/index.js'
import { slow } from './slow.js'

/** An engine with a root of its own, for the tests of one file; and containers of the machine's own image in it. */
export interface TestEngine {
  readonly engine: Engine
  readonly image: Image
  readonly root: string
  readonly runRoot: string
  /** A scratch directory of the file. */
  readonly directory: string
  create(options?: ContainerOptions): Promise<Container>
  run(options?: ContainerOptions): Promise<Container>
  /** A container in which nothing runs but its init. */
  idle(options?: ContainerOptions): Promise<Container>
}

/** Where engines of tests have their data. */
export const scratchBase = (): string => process.env.TSC_TEST_ROOT ?? tmpdir()

/** Opens an engine before the tests of a file, and closes it after them with everything in it. */
export const useTestEngine = (): TestEngine => {
  let opened: { directory: string; engine: Engine; image: Image } | undefined
  const get = () => {
    if (!opened) throw new Error('the engine is open only while tests run')
    return opened
  }
  beforeAll(async () => {
    const directory = await mkdtemp(join(scratchBase(), 'tsc-'))
    await mkdir(join(directory, 'run'), { mode: 0o700 })
    const engine = await Engine.open({ root: join(directory, 'root'), runRoot: join(directory, 'run') })
    opened = { directory, engine, image: await Image.host({ engine }) }
  })
  afterAll(async () => {
    if (!opened) return
    const { engine, directory } = opened
    await emptyAndClose(engine, join(directory, 'run'))
    await rm(directory, { recursive: true, force: true })
  })
  const create = (options: ContainerOptions = {}) => Container.create(get().image, { ...options, engine: get().engine })
  const run = (options: ContainerOptions = {}) => Container.run(get().image, { ...options, engine: get().engine })
  return {
    get engine() {
      return get().engine
    },
    get image() {
      return get().image
    },
    get directory() {
      return get().directory
    },
    get root() {
      return join(get().directory, 'root')
    },
    get runRoot() {
      return join(get().directory, 'run')
    },
    create,
    run,
    idle: (options = {}) => run({ idle: true, ...options }),
  }
}

/** Removes everything in the engine and closes it; resolves when its supervisor has left. */
export const emptyAndClose = async (engine: Engine, runRoot: string): Promise<void> => {
  for (const container of await Container.list({ engine, all: true })) await container.remove({ force: true })
  for (const image of await Image.list({ engine })) await image.remove({ force: true })
  await Image.prune({ engine, builds: true })
  // In which may be files of subordinate ids, which nobody else can remove.
  for (const volume of await Volume.list({ engine })) await volume.remove()
  await engine.close()
  await supervisorGone(runRoot)
}

/**
 * Resolves when the supervisor of that run directory has left: until then it may be clearing its root, for which a disk that is told of
 * each freed block takes ten seconds and more after whole systems were unpacked.
 */
export const supervisorGone = async (runRoot: string): Promise<void> => {
  const deadline = performance.now() + 30_000 * slow
  while (existsSync(join(runRoot, 'v1/supervisor.sock'))) {
    if (performance.now() > deadline) throw new Error(`the supervisor of ${runRoot} did not leave`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Whether processes can be killed by cgroup, so that none escapes by setsid. */
export const killsTrees = async (engine: Engine): Promise<boolean> =>
  (await engine.info()).cgroup.controllers.includes('kill')
