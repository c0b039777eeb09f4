// SPDX-License-Identifier: Apache-2.0
import { buildImage } from '../build/build-image.js'
import { type BuildOptions, checkBuildOptions } from '../build/build-options.js'
import type { BuildFunction } from '../build/code/build-tools.js'
import { type CodeBuildOptions, checkCodeBuildOptions } from '../build/code/code-build-options.js'
import type { BuildProgress } from '../build/progress/build-progress.js'
import type { BuildReport } from '../build/progress/build-report.js'
import { runCommands } from '../build/run/run-command.js'
import { EngineError } from '../errors/engine-error.js'
import type { ImageRecord } from '../image/image-record.js'
import { beginOperation } from '../image/progress-operation.js'
import { formatPlatform } from '../oci/platform.js'
import { findBaseImage } from './base-image.js'
import type { Engine } from './engine.js'
import type { Image } from './image.js'
import { imageChoice } from './image-choice.js'
import { splitEngine, type WithEngine } from './with-engine.js'

/**
 * A build that is under way: a promise of the image, and a loop over what happens. Looping marks the promise as handled; leaving the loop
 * does not cancel, the signal does. A slow loop may miss output of long ago; `onProgress` misses nothing.
 */
export interface Build extends Promise<Image>, AsyncIterable<BuildProgress> {
  /** How it went, once it is over, whether it failed or not. */
  report(): Promise<BuildReport>
}

// So much of what a step writes is kept for loops that come later: chunks are of at most 64 KiB.
const keptChunks = 64

/** What is built: what a Dockerfile says, or what a function describes. */
export type BuildSubject =
  | readonly [options: WithEngine<BuildOptions>]
  | readonly [describe: BuildFunction, options?: WithEngine<CodeBuildOptions> | undefined]

/** Begins a build. `imageOf` makes the image of what was built. */
export function beginBuild(subject: BuildSubject, imageOf: (engine: Engine, record: ImageRecord) => Image): Build {
  const [describe, options] = splitSubject(subject)
  let done: (report: BuildReport) => void = () => {}
  const reported = new Promise<BuildReport>((resolve) => {
    done = resolve
  })
  const operation = beginOperation<Image, BuildProgress>(
    async (report) => {
      const { engine, rest } = splitEngine(options)
      if (describe) checkCodeBuildOptions(rest)
      else checkBuildOptions(rest)
      const name = keyer()
      const tell = (event: BuildProgress) => report(name(event), event)
      const { core } = engine
      const images = await core.images()
      const record = await buildImage(
        {
          images,
          findImage: async (reference, { platform, signal }) => {
            const pull = rest.pull ? 'always' : 'missing'
            const wanted = { platform: formatPlatform(platform), pull, signal } as const
            return await findBaseImage(images, { reference, platform }, async () => {
              const { image } = await imageChoice(engine, reference, wanted)
              if (image.host) throw hostImage(reference)
              return image
            })
          },
          run: runCommands(core, rest),
          onReport: done,
        },
        { ...rest, describe },
        tell,
      )
      core.bus.publish({ type: 'image', action: 'build', object: record.id })
      return imageOf(engine, record)
      // Not given at all is told by the promise.
    },
    (options as Partial<BuildOptions> | null | undefined)?.onProgress,
  )
  return Object.assign(operation, { report: () => reported })
}

function splitSubject(subject: BuildSubject): readonly [BuildFunction | undefined, WithEngine<BuildOptions>] {
  const [first, second] = subject
  return typeof first === 'function' ? [first, second ?? {}] : [undefined, first]
}

// Every event but output has a key of its own; of a step's output the last chunks are kept.
function keyer(): (event: BuildProgress) => string {
  const chunks = new Map<number, number>()
  let count = 0
  return (event) => {
    if (event.type !== 'output') return `event ${count++}`
    const { id } = event.step
    const next = (chunks.get(id) ?? 0) + 1
    chunks.set(id, next)
    return `output ${id} ${next % keptChunks}`
  }
}

function hostImage(reference: string): EngineError {
  return new EngineError({
    code: 'ERR_UNSUPPORTED',
    message: `${reference} is this machine's own /usr: nothing can be built on it`,
    hint: 'start from an image that was pulled, loaded or imported',
  })
}
