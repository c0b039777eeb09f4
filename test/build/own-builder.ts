// SPDX-License-Identifier: Apache-2.0
import { relative } from 'node:path'
import { type Engine, EngineError, Image } from '../../src/index.js'
import type { BuildWarning } from './build-result.js'
import type { Builder, BuildReport, BuildRequest } from './run-case.js'

/** The builder of this package, as one to be looked at. */
export const ownBuilder = (engine: Engine): Builder => ({
  build: async (request) => {
    const warnings: BuildWarning[] = []
    try {
      const image = await build(engine, request, warnings)
      await image.save(request.output, { format: 'oci' })
      // One that says what its base says is the base.
      if (image.tags.length === 0) await image.remove({ force: true })
      return { warnings }
    } catch (error) {
      return { error: describe(error), warnings }
    }
  },
})

const build = (engine: Engine, request: BuildRequest, warnings: BuildWarning[]) =>
  Image.build({
    engine,
    context: request.context,
    dockerfile: relative(request.context, request.dockerfile),
    target: request.target,
    args: request.args,
    secrets: Object.fromEntries(Object.entries(request.secrets).map(([id, file]) => [id, { file }])),
    contexts: request.contexts,
    labels: request.labels,
    platform: request.platform,
    noCache: request.noCache,
    // What ADD downloads is served by this machine.
    ...(request.downloads && { network: 'host' as const }),
    onProgress: (event) => {
      if (event.type !== 'warning') return
      const { rule, message, line } = event
      warnings.push({ rule, message, line: line ?? 0 })
    },
  })

const describe = (error: unknown): NonNullable<BuildReport['error']> => {
  if (!EngineError.is(error)) return { message: String(error) }
  const { message } = error
  const line = /^[^:\n]+:(\d+):/.exec(message)?.[1]
  return { message, ...(line !== undefined && { line: Number(line) }) }
}
