// SPDX-License-Identifier: Apache-2.0
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BuildCase, BuildStep } from './build-case.js'
import type { BuildOutcome, BuildWarning, CaseResult } from './build-result.js'
import { type LayerStack, readImage } from './read-image.js'
import { type FileServer, serveFiles } from './serve-files.js'
import { writeContext } from './write-context.js'

/** One build, all of it on disk. */
export interface BuildRequest {
  readonly context: string
  /** The path of the Dockerfile. */
  readonly dockerfile: string
  readonly target?: string
  readonly args: Readonly<Record<string, string>>
  /** Paths of files by id. */
  readonly secrets: Readonly<Record<string, string>>
  /** Directories by name. */
  readonly contexts: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  readonly platform?: string
  readonly noCache: boolean
  /** Whether it downloads from the loopback. */
  readonly downloads: boolean
  /** Where to write the image as an OCI layout; it does not exist. */
  readonly output: string
}

/** What a builder says about a build that ended either way. */
export interface BuildReport {
  readonly error?: { readonly message: string; readonly line?: number }
  readonly warnings: readonly BuildWarning[]
}

/** A builder to look at: Docker when goldens are recorded, else the one under test. */
export interface Builder {
  build(request: BuildRequest): Promise<BuildReport>
}

/** Runs a case with an empty `directory` for its files; `bases` are the images of base-images.ts, which the builder knows. */
export const runCase = async (
  builder: Builder,
  item: BuildCase,
  options: { readonly directory: string; readonly bases: readonly LayerStack[] },
): Promise<CaseResult> => {
  const server = await serveFiles(item.served ?? {})
  try {
    const seen = await runBuilds(builder, item, server, options)
    const builds = seen.map(({ outcome }) => outcome)
    const agreement = Object.fromEntries(
      (item.volatile ?? []).map((path) => [path, firstAlike(seen.map(({ volatile }) => volatile[path]))]),
    )
    const result = { builds, ...(item.volatile && { agreement }) }
    return JSON.parse(JSON.stringify(result).replaceAll(server.address, '{{server}}')) as CaseResult
  } finally {
    await server.close()
  }
}

interface Seen {
  readonly outcome: BuildOutcome
  readonly volatile: Readonly<Record<string, string | undefined>>
}

const runBuilds = async (
  builder: Builder,
  item: BuildCase,
  server: FileServer,
  { directory, bases }: { readonly directory: string; readonly bases: readonly LayerStack[] },
): Promise<Seen[]> => {
  const context = join(directory, 'context')
  await writeContext(context, item.context ?? {})
  const seen: Seen[] = []
  for (const step of item.builds ?? [{}]) {
    await writeContext(context, step.change ?? {})
    const request = await makeRequest(directory, item, step, server)
    const report = await builder.build(request)
    const read = report.error ? undefined : readImage(request.output, { bases, ...item })
    seen.push({ outcome: { ...(read && { image: read.image }), ...report }, volatile: read?.volatile ?? {} })
    await rm(request.output, { recursive: true, force: true })
  }
  return seen
}

const makeRequest = async (
  directory: string,
  item: BuildCase,
  step: BuildStep,
  server: FileServer,
): Promise<BuildRequest> => {
  const context = join(directory, 'context')
  const file = item.file ?? 'Dockerfile'
  await writeContext(context, { [file]: (step.dockerfile ?? item.dockerfile).replaceAll('{{server}}', server.address) })
  const secrets: Record<string, string> = {}
  for (const [id, content] of Object.entries(step.secrets ?? item.secrets ?? {})) {
    secrets[id] = join(directory, `secret-${id}`)
    await writeFile(secrets[id], content)
  }
  const contexts: Record<string, string> = {}
  for (const [name, entries] of Object.entries(item.contexts ?? {})) {
    contexts[name] = join(directory, `context-${name.replaceAll('/', '-')}`)
    await writeContext(contexts[name], entries)
  }
  const target = step.target ?? item.target
  return {
    context,
    dockerfile: join(context, file),
    ...(target !== undefined && { target }),
    args: step.args ?? item.args ?? {},
    secrets,
    contexts,
    labels: item.labels ?? {},
    ...(item.platform !== undefined && { platform: item.platform }),
    noCache: step.noCache ?? false,
    downloads: item.served !== undefined,
    output: join(directory, 'image'),
  }
}

const firstAlike = (digests: readonly (string | undefined)[]): (number | null)[] =>
  digests.map((digest) => (digest === undefined ? null : digests.indexOf(digest)))
