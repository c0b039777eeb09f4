// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type BuildOptions, type BuildProgress, Engine, Image } from '../../../src/index.js'
import { emptyAndClose } from '../../support/test-engine.js'

/** What a build did, and what it came out as. */
export interface Told {
  readonly image: Image
  /** The steps that were begun, images not among them. */
  readonly begun: readonly string[]
  readonly warnings: readonly string[]
}

/** Builds, and listens. */
export const buildAndListen = async (engine: Engine, options: BuildOptions): Promise<Told> => {
  const begun: string[] = []
  const warnings: string[] = []
  const onProgress = (event: BuildProgress) => {
    if (event.type === 'started' && !/ FROM /.test(event.step.name))
      begun.push(event.step.name.replace(/^\[.*?\] /, ''))
    if (event.type === 'warning' && event.rule.startsWith('Cache')) warnings.push(`${event.rule}: ${event.message}`)
  }
  const image = await Image.build({ engine, ...options, onProgress })
  return { image, begun, warnings }
}

/** An engine that knows nothing yet: another machine. */
export const elsewhere = async <T>(
  directory: string,
  use: (engine: Engine, root: string) => Promise<T>,
): Promise<T> => {
  const place = await mkdtemp(join(directory, 'elsewhere-'))
  const [root, runRoot] = [join(place, 'root'), join(place, 'run')]
  await mkdir(runRoot, { mode: 0o700 })
  const engine = await Engine.open({ root, runRoot })
  try {
    return await use(engine, root)
  } finally {
    await emptyAndClose(engine, runRoot)
    await rm(place, { recursive: true, force: true })
  }
}
