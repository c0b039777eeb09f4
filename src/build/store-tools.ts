// SPDX-License-Identifier: Apache-2.0
import type { ImageContext } from '../image/image-context.js'
import type { StoredImage } from '../image/stored-images.js'
import { ensureLayers, type LayerSource } from '../layer/ensure-layer.js'
import { type Digest, parseDigest } from '../oci/digest.js'
import type { BuildContext } from './context/build-context.js'
import { digestSource } from './context/digest-source.js'
import { explainMissing } from './context/explain-missing.js'
import { openUrlContext } from './context/fetch-url.js'
import { openMemoryContext } from './context/open-memory-context.js'
import { openWebFiles } from './context/open-web-files.js'
import type { WebFiles } from './context/web-files.js'
import { AddedRepositories } from './git/added-repositories.js'
import type { SourceAccess } from './git/git-environment.js'
import type { ImageVertex } from './graph/vertex.js'
import type { BuildTools, CopyRequest, DirectoryRequest, FilesSource, FilesVertex } from './solver/build-tools.js'
import type { BuiltLayer, Root } from './solver/work.js'
import { copyStep } from './steps/copy-step.js'
import { directoryStep } from './steps/directory-step.js'

/** What a build found before it began. */
export interface BuildSources {
  /** The caller's contexts, by their names. */
  readonly contexts: ReadonlyMap<string, FilesSource>
  /** Images, as the graph refers to them. */
  readonly images: ReadonlyMap<string, StoredImage>
  /** What repositories and files of the web may be asked for with. */
  readonly access: SourceAccess
}

/** The tools that work on a store. Whoever uses them holds a lease, and closes them at the end. */
export class StoreTools implements BuildTools {
  readonly run: BuildTools['run']
  readonly #context: ImageContext
  readonly #sources: BuildSources
  readonly #opened = new Map<Digest, Promise<FilesSource>>()
  readonly #repositories: AddedRepositories
  #web: Promise<WebFiles> | undefined

  constructor(context: ImageContext, sources: BuildSources, run: BuildTools['run']) {
    this.#context = context
    this.#sources = sources
    this.run = run
    this.#repositories = new AddedRepositories(context, sources.access)
  }

  async image({ reference }: ImageVertex, signal: AbortSignal): Promise<readonly BuiltLayer[]> {
    const layers = this.#sources.images.get(reference)?.content.layers ?? []
    await ensureLayers(this.#context, layers, signal)
    return layers.map(({ diffId, blob }) => ({ diffId, sizeBytes: blob.size }))
  }

  files(vertex: FilesVertex, signal: AbortSignal): Promise<FilesSource> {
    const known = this.#opened.get(vertex.key)
    if (known) return known
    const opened = this.#open(vertex, signal)
    this.#opened.set(vertex.key, opened)
    return opened
  }

  async identify(vertex: FilesVertex, signal: AbortSignal): Promise<string | null> {
    return vertex.kind === 'add-git' ? await this.#repositories.identify(vertex, signal) : null
  }

  async digest(
    source: FilesSource | Root,
    selection: Parameters<BuildTools['digest']>[1],
    signal: AbortSignal,
  ): Promise<string> {
    const { files, ignore } = sourceOf(source)
    try {
      return (await digestSource(this.#context, files, { ...selection, ignore }, signal)).digest
    } catch (error) {
      throw 'root' in files ? await explainMissing(error, files) : error
    }
  }

  async copy({ base, parts, epoch, ...step }: CopyRequest, signal: AbortSignal): Promise<BuiltLayer> {
    const sources = parts.map(({ source, selection, ...part }) => {
      const { files, ignore } = sourceOf(source)
      return { source: files, selection: { ...selection, ignore }, ...part }
    })
    const request = { ...step, layers: diffIdsOf(base), sources, times: timesOf(epoch) }
    return (await copyStep(this.#context, request, signal)).layer
  }

  async makeDirectory({ base, epoch, ...step }: DirectoryRequest, signal: AbortSignal): Promise<BuiltLayer | null> {
    return await directoryStep(this.#context, { ...step, layers: diffIdsOf(base), times: timesOf(epoch) }, signal)
  }

  /** Blobs of the layers that came with images. */
  get blobs(): ReadonlyMap<Digest, LayerSource> {
    const layers = [...this.#sources.images.values()].flatMap(({ content }) => content.layers)
    return new Map(layers.map((layer) => [layer.diffId, layer]))
  }

  /** Lets go of what it opened. */
  async close(): Promise<void> {
    for (const opened of this.#opened.values()) {
      const files = await opened.catch(() => null)
      if (files && !this.#isCallers(files.context)) await files.context.close()
    }
    await (await this.#web)?.close()
  }

  #isCallers(context: BuildContext): boolean {
    return [...this.#sources.contexts.values()].some((files) => files.context === context)
  }

  async #open(vertex: FilesVertex, signal: AbortSignal): Promise<FilesSource> {
    switch (vertex.kind) {
      case 'context': {
        const found = this.#sources.contexts.get(vertex.name)
        return found ?? { context: await openMemoryContext(this.#context, {}, signal) }
      }
      case 'inline': {
        const files = vertex.files.map(({ name, data, mode }) => [name, { content: data, mode }])
        return { context: await openMemoryContext(this.#context, Object.fromEntries(files), signal) }
      }
      case 'add-url': {
        const { url, filename, checksum } = vertex
        this.#web ??= openWebFiles({ hostNetwork: this.#sources.access.hostNetwork ?? false })
        const expected = checksum === undefined ? undefined : parseDigest(checksum)
        const fetched = { url, filename, checksum: expected, web: await this.#web }
        return { context: await openUrlContext(this.#context, fetched, signal) }
      }
      case 'add-git':
        return { context: await this.#repositories.open(vertex, signal) }
    }
  }
}

const diffIdsOf = (layers: readonly BuiltLayer[]): readonly Digest[] =>
  layers.filter(({ isEmpty }) => !isEmpty).map(({ diffId }) => diffId)

const timesOf = (epoch: number | undefined) => (epoch === undefined ? undefined : { madeAt: epoch, latest: epoch })

function sourceOf(source: FilesSource | Root) {
  return 'layers' in source
    ? { files: { layers: diffIdsOf(source.layers) }, ignore: undefined }
    : { files: source.context, ignore: source.ignore }
}
