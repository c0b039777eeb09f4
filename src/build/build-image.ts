// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { fullTag } from '../image/image-options.js'
import type { ImageRecord } from '../image/image-record.js'
import { addContent, recordOf } from '../image/keep-image.js'
import { nameImage } from '../image/name-image.js'
import type { TransferContext } from '../image/pull-context.js'
import type { StoredImage } from '../image/stored-images.js'
import { type Platform, parsePlatform } from '../oci/platform.js'
import { randomId } from '../util/random-id.js'
import { openContext, readDockerfile, readIgnorePatterns } from './build-files.js'
import type { BuildOptions } from './build-options.js'
import { BuildCaches } from './cache/build-caches.js'
import type { BuildContext } from './context/build-context.js'
import { type Dockerfile, parseDockerfile } from './dockerfile/parse-dockerfile.js'
import { type BuildGraph, buildGraph } from './graph/build-graph.js'
import type { NamedContext } from './graph/graph-options.js'
import type { Vertex } from './graph/vertex.js'
import { IgnoreMatcher } from './ignore/ignore-matcher.js'
import { BuildMonitor } from './progress/build-monitor.js'
import type { BuildProgress } from './progress/build-progress.js'
import type { BuildReport } from './progress/build-report.js'
import { stepsOf } from './progress/graph-steps.js'
import { storeReport } from './progress/stored-reports.js'
import { LayerPacker } from './result/layer-packer.js'
import { writeBuiltImage } from './result/write-built-image.js'
import type { BuildTools, FilesSource } from './solver/build-tools.js'
import { GraphWorks } from './solver/graph-works.js'
import { solve } from './solver/solve.js'
import type { WorkEvent } from './solver/work.js'
import { StoreTools } from './store-tools.js'

/** What a build needs of the engine. */
export interface BuildHost {
  readonly images: TransferContext
  /** The image of a reference in full, brought into the store where it is missing or has to be asked for. */
  findImage(
    reference: string,
    options: { readonly platform: Platform; readonly signal: AbortSignal },
  ): Promise<StoredImage>
  readonly run: BuildTools['run']
  /** Told how it went, whatever happened. */
  onReport(report: BuildReport): void
}

/** Builds an image. Its options are checked; `tell` hears of everything in order. */
export async function buildImage(
  host: BuildHost,
  options: BuildOptions,
  tell: (event: BuildProgress) => void,
): Promise<ImageRecord> {
  const ended = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, ended.signal]) : ended.signal
  signal.throwIfAborted()
  const building = new Building(host, options, tell, signal)
  try {
    return await addContent(host.images, signal, () => building.run(), {
      mark: async () => async () => {},
      // Records of what was done are worth it.
      isWorthKeeping: () => true,
    })
  } finally {
    await building.close()
  }
}

class Building {
  readonly #host: BuildHost
  readonly #options: BuildOptions
  readonly #tell: (event: BuildProgress) => void
  readonly #signal: AbortSignal
  readonly #contexts = new Map<string, FilesSource>()
  readonly #images = new Map<string, StoredImage>()
  readonly #startedAt = new Date()
  readonly #id = randomId()
  #monitor: BuildMonitor | undefined

  constructor(host: BuildHost, options: BuildOptions, tell: (event: BuildProgress) => void, signal: AbortSignal) {
    this.#host = host
    this.#options = options
    this.#tell = tell
    this.#signal = signal
  }

  async run(): Promise<ImageRecord> {
    try {
      const record = await this.#build()
      await this.#report({ outcome: 'succeeded', message: null, image: record.id })
      return record
    } catch (error) {
      const outcome = this.#signal.aborted ? 'aborted' : 'failed'
      await this.#report({ outcome, message: error instanceof Error ? error.message : String(error), image: null })
      throw error
    }
  }

  async close(): Promise<void> {
    for (const { context } of this.#contexts.values()) await context.close()
  }

  async #build(): Promise<ImageRecord> {
    const file = await this.#open()
    const graph = await this.#graph(file)
    const tools = new StoreTools(this.#host.images, { contexts: this.#contexts, images: this.#images }, this.#host.run)
    const works = new GraphWorks(tools, this.#freshness())
    const target = works.of(graph.root)
    const packer = new LayerPacker(this.#host.images, target, this.#signal)
    try {
      const monitor = new BuildMonitor(stepsOf(graph.root, works), this.#startedAt, this.#tell)
      this.#monitor = monitor
      const { parallel } = this.#options
      const caches = this.#caches(tools)
      const { cache, onKey } = caches
      const onEvent = (event: WorkEvent) => {
        monitor.take(event)
        packer.take(event)
      }
      const [root] = await solve([target], { cache, signal: this.#signal, parallel, onEvent, onKey })
      if (!root) throw new TypeError('nothing was solved')
      const built = { graph, root, blobs: tools.blobs, cache: await caches.inline(target, root) }
      const entry = await writeBuiltImage(this.#host.images, built, this.#signal)
      const record = await this.#keep(entry)
      await caches.write([target])
      return record
    } finally {
      await packer.close()
      await tools.close()
    }
  }

  #caches(tools: StoreTools): BuildCaches {
    const { cacheFrom, cacheTo } = this.#options
    return new BuildCaches({
      context: this.#host.images,
      from: cacheFrom,
      to: cacheTo,
      images: () => tools.blobs,
      onWarning: (warning) => this.#tell({ type: 'warning', time: new Date(), ...warning, line: null }),
      signal: this.#signal,
    })
  }

  async #keep(entry: Parameters<typeof nameImage>[2]): Promise<ImageRecord> {
    const { store } = this.#host.images
    const tags = (this.#options.tags ?? []).map((tag) => fullTag(tag, 'tags'))
    if (tags.length === 0) await nameImage(store, null, entry, this.#signal)
    for (const tag of tags) await nameImage(store, tag, entry, this.#signal)
    const record = await recordOf(this.#host.images, entry.digest)
    this.#tell({ type: 'image', time: new Date(), id: record.id, tags: this.#options.tags ?? [] })
    return record
  }

  async #open(): Promise<Dockerfile> {
    const { context, contexts = {}, dockerfile, dockerfileText } = this.#options
    const { images } = this.#host
    for (const [name, source] of Object.entries(contexts)) {
      if (typeof source === 'string' && source.includes('://')) continue
      await this.#add(name, await openContext(images, source, this.#signal))
    }
    if (context === undefined) return parseDockerfile(dockerfileText ?? '')
    const opened = await openContext(images, context, this.#signal)
    await this.#add('context', opened, dockerfile)
    return dockerfileText === undefined ? await readDockerfile(opened, dockerfile) : parseDockerfile(dockerfileText)
  }

  async #add(name: string, context: BuildContext, dockerfile?: string): Promise<void> {
    // Noted at once: it is closed at the end, whatever is wrong with what it ignores.
    this.#contexts.set(name, { context })
    const ignore = await readIgnorePatterns(context, dockerfile)
    if (ignore.length > 0) this.#contexts.set(name, { context, ignore })
  }

  async #graph(file: Dockerfile): Promise<BuildGraph> {
    const { target, args, labels, platform } = this.#options
    const ignore = this.#contexts.get('context')?.ignore
    return await buildGraph(file, {
      resolveImage: async (reference, wanted) => {
        const image = await this.#host.findImage(reference, { platform: wanted, signal: this.#signal })
        const pinned = `${reference.replace(/@.*$/, '')}@${image.record.digest}`
        this.#images.set(pinned, image)
        return { reference: pinned, document: image.content.document }
      },
      target,
      args,
      labels,
      platform: platform === undefined ? undefined : parsePlatform(platform),
      contexts: this.#named(),
      ignore: ignore && new IgnoreMatcher(ignore),
      onWarning: ({ rule, message, range }) =>
        this.#tell({ type: 'warning', time: new Date(), rule, message, line: range.start.line }),
    })
  }

  #named(): Readonly<Record<string, NamedContext>> {
    const named = Object.entries(this.#options.contexts ?? {}).map(([name, source]): [string, NamedContext] => {
      if (typeof source !== 'string' || !source.includes('://')) return [name, { kind: 'context' }]
      const image = /^docker-image:\/\/(.+)$/.exec(source)?.[1]
      if (image) return [name, { kind: 'image', reference: image }]
      throw new EngineError({
        code: 'ERR_UNSUPPORTED',
        message: `contexts.${name}: ${source} is neither a directory nor docker-image://…`,
        option: 'contexts',
      })
    })
    return Object.fromEntries(named)
  }

  #freshness(): (vertex: Vertex) => boolean {
    const { noCache = false } = this.#options
    if (typeof noCache === 'boolean') return () => noCache
    const stages = new Set(noCache.map((stage) => stage.toLowerCase()))
    return ({ origin }) => origin !== null && stages.has(origin.stage.toLowerCase())
  }

  async #report(end: Pick<BuildReport, 'outcome' | 'message' | 'image'>): Promise<void> {
    const { tags = [], target = null } = this.#options
    const report: BuildReport = {
      id: this.#id,
      startedAt: this.#startedAt,
      durationMs: Date.now() - this.#startedAt.getTime(),
      ...end,
      tags,
      target,
      steps: this.#monitor?.steps ?? [],
    }
    await storeReport(this.#host.images.store.paths.buildReports, report).catch(() => {})
    this.#host.onReport(report)
  }
}
