// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../errors/invalid-argument.js'
import { fullTag } from '../image/image-options.js'
import type { ImageRecord } from '../image/image-record.js'
import { addContent, recordOf } from '../image/keep-image.js'
import { nameImage } from '../image/name-image.js'
import type { TransferContext } from '../image/pull-context.js'
import type { StoredImage } from '../image/stored-images.js'
import { packageVersion } from '../native/package-version.js'
import type { Descriptor } from '../oci/descriptor.js'
import type { Platform } from '../oci/platform.js'
import { randomId } from '../util/random-id.js'
import type { AttestedBuild } from './attest/attest-image.js'
import { type ContextNeeds, openContext, readDockerfile, readIgnorePatterns } from './build-files.js'
import type { BuildOptions } from './build-options.js'
import { BuildCaches } from './cache/build-caches.js'
import type { BuildFunction } from './code/build-tools.js'
import { type DescribedBuild, describeBuild } from './code/describe-build.js'
import type { BuildContext } from './context/build-context.js'
import { type Dockerfile, parseDockerfile } from './dockerfile/parse-dockerfile.js'
import type { SourceAccess } from './git/git-environment.js'
import { type BuildGraph, buildGraph } from './graph/build-graph.js'
import type { NamedContext } from './graph/graph-options.js'
import { parsePlatforms } from './graph/platform-options.js'
import type { Vertex } from './graph/vertex.js'
import { IgnoreMatcher } from './ignore/ignore-matcher.js'
import { outputsOf, writeArchives, writeFiles } from './output/write-outputs.js'
import { BuildMonitor } from './progress/build-monitor.js'
import type { BuildProgress } from './progress/build-progress.js'
import type { BuildReport } from './progress/build-report.js'
import { stepsOf } from './progress/graph-steps.js'
import { storeReport } from './progress/stored-reports.js'
import { requireEmulators } from './require-emulators.js'
import { LayerPacker } from './result/layer-packer.js'
import type { BuiltImage } from './result/write-built-image.js'
import { writeResult } from './result/write-result.js'
import type { BuildTools, FilesSource } from './solver/build-tools.js'
import { GraphWorks } from './solver/graph-works.js'
import { solve } from './solver/solve.js'
import type { Root, Work, WorkEvent } from './solver/work.js'
import { StoreTools } from './store-tools.js'

const imagePrefix = 'docker-image://'

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

/** What is built: what a Dockerfile says, or a function. */
export type BuildRequest = BuildOptions & { readonly describe?: BuildFunction | undefined }

/** Builds an image. Its options are checked; `tell` hears of everything in order. */
export async function buildImage(
  host: BuildHost,
  options: BuildRequest,
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
  readonly #options: BuildRequest
  readonly #tell: (event: BuildProgress) => void
  readonly #signal: AbortSignal
  readonly #contexts = new Map<string, FilesSource>()
  readonly #images = new Map<string, StoredImage>()
  readonly #warned = new Set<string>()
  readonly #startedAt = new Date()
  readonly #id = randomId()
  #monitor: BuildMonitor | undefined
  #described: DescribedBuild | undefined

  constructor(host: BuildHost, options: BuildRequest, tell: (event: BuildProgress) => void, signal: AbortSignal) {
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
    const { platform, output } = this.#options
    const platforms = platform === undefined ? [undefined] : parsePlatforms(platform)
    const outputs = outputsOf(output, platforms.length)
    const graphs = await this.#graphs(file, platforms).catch((error) => {
      throw this.#described ? this.#described.explain(error) : error
    })
    await requireEmulators(graphs.map(({ root }) => root))
    const sources = { contexts: this.#contexts, images: this.#images, access: this.#access }
    const tools = new StoreTools(this.#host.images, sources, this.#host.run)
    const works = new GraphWorks(tools, this.#freshness())
    const targets = graphs.map(({ root }) => works.of(root))
    // Those that get other times are packed when these are known.
    const packer = new LayerPacker(this.#host.images, this.#options.rewriteTimestamp ? [] : targets, this.#signal)
    try {
      const monitor = new BuildMonitor(stepsOf(graphs, works), this.#startedAt, this.#tell)
      this.#monitor = monitor
      const { parallel } = this.#options
      const caches = this.#caches(tools)
      const { cache, onKey } = caches
      const onEvent = (event: WorkEvent) => {
        monitor.take(event)
        packer.take(event)
      }
      const roots = await solve(targets, { cache, signal: this.#signal, parallel, onEvent, onKey })
      const built = graphs.map((graph, at): BuiltImage => {
        const latest = this.#options.rewriteTimestamp ? graph.epoch : undefined
        return { graph, root: roots[at] as Root, blobs: tools.blobs, latest }
      })
      const files = built.map(({ graph: { platform, epoch }, root }) => ({ platform, epoch, root }))
      await writeFiles(this.#host.images, outputs, files, this.#signal)
      const tags = [...new Set((this.#options.tags ?? []).map((tag) => fullTag(tag, 'tags')))]
      const about = await this.#attested(tags, monitor)
      const cached = await Promise.all(
        built.map(async (image, at) => ({ ...image, cache: await caches.inline(targets[at] as Work, image.root) })),
      )
      const record = await this.#keep(await writeResult(this.#host.images, cached, about, this.#signal), tags)
      await writeArchives(this.#host.images, outputs, record, this.#signal)
      await caches.write(targets)
      return record
    } finally {
      await packer.close()
      await tools.close()
    }
  }

  async #attested(tags: readonly string[], { steps }: BuildMonitor): Promise<AttestedBuild> {
    const version = await packageVersion()
    return { id: this.#id, startedAt: this.#startedAt, options: this.#options, tags, steps, version }
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

  async #keep(entry: Descriptor, tags: readonly string[]): Promise<ImageRecord> {
    const { store } = this.#host.images
    if (tags.length === 0) await nameImage(store, null, entry, this.#signal)
    for (const tag of tags) await nameImage(store, tag, entry, this.#signal)
    const record = await recordOf(this.#host.images, entry.digest)
    this.#tell({ type: 'image', time: new Date(), id: record.id, tags: this.#options.tags ?? [] })
    return record
  }

  async #open(): Promise<Dockerfile> {
    const { context, contexts = {}, dockerfile, dockerfileText, describe } = this.#options
    const { images } = this.#host
    for (const [name, source] of Object.entries(contexts)) {
      if (typeof source === 'string' && source.startsWith(imagePrefix)) continue
      const { context } = await openContext(images, source, this.#needs(`contexts.${name}`))
      await this.#add(name, context)
    }
    if (describe) this.#described = await describeBuild(describe)
    const opened = context === undefined ? null : await openContext(images, context, this.#needs('context'))
    const path = opened?.dockerfile ?? dockerfile
    if (opened) await this.#add('context', opened.context, path)
    if (this.#described) return this.#described.file
    if (!opened) return parseDockerfile(dockerfileText ?? '')
    return dockerfileText === undefined ? await readDockerfile(opened.context, path) : parseDockerfile(dockerfileText)
  }

  #needs(option: string): ContextNeeds {
    const { args } = this.#options
    const keepGitDirectory = /^(?:1|t|true)$/i.test(args?.BUILDKIT_CONTEXT_KEEP_GIT_DIR ?? '')
    return { option, access: this.#access, keepGitDirectory, signal: this.#signal }
  }

  get #access(): SourceAccess {
    const { secrets, ssh, network } = this.#options
    return { secrets, ssh, hostNetwork: network === 'host' }
  }

  async #add(name: string, context: BuildContext, dockerfile?: string): Promise<void> {
    // Noted at once: it is closed at the end, whatever is wrong with what it ignores.
    this.#contexts.set(name, { context })
    const ignore = await readIgnorePatterns(context, dockerfile)
    if (ignore.length > 0) this.#contexts.set(name, { context, ignore })
  }

  // One after the other: what they resolve is asked for in a known order.
  async #graphs(file: Dockerfile, platforms: readonly (Platform | undefined)[]): Promise<readonly BuildGraph[]> {
    const { rewriteTimestamp } = this.#options
    const graphs: BuildGraph[] = []
    for (const platform of platforms) graphs.push(await this.#graph(file, platform))
    if (rewriteTimestamp && graphs.some(({ epoch }) => epoch === undefined))
      throw invalidArgument('rewriteTimestamp', 'it needs a time', "give args: { SOURCE_DATE_EPOCH: '…' }")
    return graphs
  }

  async #graph(file: Dockerfile, platform: Platform | undefined): Promise<BuildGraph> {
    const { target, args, labels, addHosts } = this.#options
    const ignore = this.#contexts.get('context')?.ignore
    // Most warnings are those of the platforms before, too.
    const before = new Set(this.#warned)
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
      hosts: addHosts,
      platform,
      contexts: this.#named(),
      ignore: ignore && new IgnoreMatcher(ignore),
      onWarning: ({ rule, message, range }) => {
        const warning = { rule, message, line: range.start.line }
        const key = JSON.stringify(warning)
        this.#warned.add(key)
        if (!before.has(key)) this.#tell({ type: 'warning', time: new Date(), ...warning })
      },
    })
  }

  #named(): Readonly<Record<string, NamedContext>> {
    const named = Object.entries(this.#options.contexts ?? {}).map(([name, source]): [string, NamedContext] => {
      if (typeof source !== 'string' || !source.startsWith(imagePrefix)) return [name, { kind: 'context' }]
      return [name, { kind: 'image', reference: source.slice(imagePrefix.length) }]
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
