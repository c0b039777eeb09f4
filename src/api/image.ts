// SPDX-License-Identifier: Apache-2.0
import type { BuildOptions } from '../build/build-options.js'
import type { BuildFunction } from '../build/code/build-tools.js'
import type { CodeBuildOptions } from '../build/code/code-build-options.js'
import { type CallOptions, callShape } from '../container/call-options.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import { createIndex, type ImageIndex } from '../image/create-index.js'
import { getImage, getImageFor } from '../image/find-image.js'
import { type GetImageOptions, getImageShape } from '../image/get-image-options.js'
import { type HostImageOptions, hostImage } from '../image/host-image.js'
import type { ImageContext } from '../image/image-context.js'
import { imageFromDirectory } from '../image/image-from-directory.js'
import type { ImageLayer, ImageRecord } from '../image/image-record.js'
import { type ImportOptions, importImage } from '../image/import-image.js'
import { type ImageInspection, inspectImage } from '../image/inspect-image.js'
import { type ImageFilter, listImages } from '../image/list-images.js'
import { type LoadOptions, loadImage, loadImages } from '../image/load-images.js'
import { type PruneImagesOptions, pruneImages } from '../image/prune-images.js'
import type { PullOptions } from '../image/pull-options.js'
import type { PushOptions } from '../image/push-options.js'
import { type RemoveImageOptions, removeImage, removeImageShape } from '../image/remove-image.js'
import { type SaveOptions, type SaveTarget, saveImages } from '../image/save-images.js'
import { tagImage } from '../image/tag-image.js'
import { untagImage } from '../image/untag-image.js'
import type { ByteSource } from '../layer/byte-source.js'
import type { HistoryEntry, ImageConfig } from '../oci/image-config.js'
import { type Platform, parsePlatform } from '../oci/platform.js'
import { checkOptions } from '../util/validate.js'
import type { Engine } from './engine.js'
import { type Build, type BuildSubject, beginBuild } from './image-build.js'
import { beginPull, type Pull } from './image-pull.js'
import { beginPush, type Push } from './image-push.js'
import { splitEngine, type WithEngine } from './with-engine.js'

/** An image of the store. Its properties are as it was when it was looked at; {@link Image.get} looks again. */
export class Image {
  #record: ImageRecord
  readonly #engine: Engine

  /** @internal */
  constructor(engine: Engine, record: ImageRecord) {
    this.#engine = engine
    this.#record = record
  }

  /** Makes an image of one root file system tar: plain, gzip or zstd, a path or a stream. ERR_LAYER_INVALID names a bad entry. */
  static async import(source: ByteSource, options: WithEngine<ImportOptions> = {}): Promise<Image> {
    return await made(options, (context, rest) => importImage(context, source, rest), 'import')
  }

  /** Makes an image of a directory that holds a root file system, by copy. */
  static async fromDirectory(path: string, options: WithEngine<ImportOptions> = {}): Promise<Image> {
    return await made(options, (context, rest) => imageFromDirectory(context, path, rest), 'import')
  }

  /** Loads the image of an OCI layout (a directory or a tar of one) or of what `docker save` wrote. */
  static async load(source: ByteSource, options: WithEngine<LoadOptions> = {}): Promise<Image> {
    return await made(options, (context, rest) => loadImage(context, source, rest), 'load')
  }

  /** Loads all images of such an archive, each with the names it has there: all of them or none. */
  static async loadAll(source: ByteSource, options: WithEngine<LoadOptions> = {}): Promise<readonly Image[]> {
    const { engine, rest } = splitEngine(options)
    const records = await loadImages(await engine.core.images(), source, rest)
    for (const { id } of records) tell(engine, 'load', id)
    return records.map((record) => new Image(engine, record))
  }

  /**
   * Brings an image from its registry into the store: what of it is not there yet, each layer unpacked while it comes. Begins at once;
   * ERR_REGISTRY_MANIFEST_UNKNOWN, ERR_IMAGE_PLATFORM (listing what there is), ERR_DIGEST_MISMATCH and others name what is wrong.
   */
  static pull(reference: string, options: WithEngine<PullOptions> = {}): Pull {
    return beginPull(reference, options, (engine, { record }) => new Image(engine, record))
  }

  /**
   * Builds an image of a Dockerfile: only what the target needs, and of that only what is not known from before. Begins at once.
   * ERR_DOCKERFILE with line and column, ERR_BUILD_FAILED with the last lines of a command, ERR_FILE_NOT_FOUND for what a COPY names.
   */
  static build(options: WithEngine<BuildOptions>): Build
  /**
   * Builds what a function describes, as the Dockerfile that says the same would be built: `Image.build(({ from, run }) => from('debian:12',
   * run('apt-get update')))`. The function is called once, at once. ERR_INVALID_ARGUMENT, and whatever fails in a step, name the place in the
   * program that asks for it.
   */
  static build(describe: BuildFunction, options?: WithEngine<CodeBuildOptions>): Build
  static build(...subject: BuildSubject): Build {
    return beginBuild(subject, (engine, record) => new Image(engine, record))
  }

  /** The machine's own /usr, read-only, as an image: no registry, no download. */
  static async host(options: WithEngine<HostImageOptions> = {}): Promise<Image> {
    return await made(options, (context, rest) => hostImage(context, rest))
  }

  /** The image of that name, id or unique beginning of an id. ERR_IMAGE_NOT_FOUND, ERR_AMBIGUOUS_ID. */
  static async get(reference: string, options: WithEngine<GetImageOptions> = {}): Promise<Image> {
    checkOptions<GetImageOptions>(splitEngine(options).rest, getImageShape)
    options.signal?.throwIfAborted()
    return await made(options, (context, { platform }) =>
      platform === undefined ? getImage(context, reference) : getImageFor(context, reference, parsePlatform(platform)),
    )
  }

  /** The images of the store; all that the filter has must hold. */
  static async list(filter: WithEngine<ImageFilter> = {}): Promise<readonly Image[]> {
    const { engine, rest } = splitEngine(filter)
    const records = await listImages(await engine.core.images(), rest)
    return records.map((record) => new Image(engine, record))
  }

  /** As {@link Image#save}, for several images in one archive. */
  static async save(
    images: readonly Image[],
    target: SaveTarget,
    options: WithEngine<SaveOptions> = {},
  ): Promise<void> {
    const { engine, rest } = splitEngine(options)
    await saveImages(await engine.core.images(), recordsOf(engine, images), target, rest)
  }

  /** Gives images of different platforms one name, an OCI image index, from which each machine gets its own. */
  static async createIndex(
    reference: string,
    images: readonly Image[],
    options: WithEngine<CallOptions> = {},
  ): Promise<ImageIndex> {
    const { engine, rest } = splitEngine(options)
    checkOptions<CallOptions>(rest, callShape)
    const index = await createIndex(await engine.core.images(), reference, recordsOf(engine, images), rest.signal)
    tell(engine, 'tag', index.digest)
    return index
  }

  /** Removes the images without name (or `all`) that no container uses, and content that nothing needs; their ids. */
  static async prune(options: WithEngine<PruneImagesOptions> = {}): Promise<{
    /** Ids of those that were removed. */
    readonly images: readonly string[]
    /** On the disk. */
    readonly freedBytes: number
  }> {
    const { engine, rest } = splitEngine(options)
    const { images, freedBytes } = await pruneImages(await engine.core.images(), rest)
    return { images, freedBytes }
  }

  /** The digest of its config. */
  get id(): string {
    return this.#record.id
  }

  /** The digest of its manifest. */
  get digest(): string | null {
    return this.#record.digest
  }

  /** Its names: `debian:bookworm`. */
  get tags(): readonly string[] {
    return this.#record.tags
  }

  /** What it is made for. */
  get platform(): Platform {
    return this.#record.platform
  }

  /** What its containers run by default, and how. OCI image-spec 1.1, "config". */
  get config(): ImageConfig {
    return this.#record.config
  }

  /** Of config and layers, compressed as they came. */
  get sizeBytes(): number {
    return this.#record.sizeBytes
  }

  /** As its config says; null if that says nothing. */
  get createdAt(): Date | null {
    return this.#record.createdAt
  }

  /** Lowest first. */
  get layers(): readonly ImageLayer[] {
    return this.#record.layers
  }

  /** Gives it one more name, taking it from whichever image had it. */
  async tag(reference: string): Promise<void> {
    this.#record = await tagImage(await this.#engine.core.images(), this.#record, reference)
    tell(this.#engine, 'tag', this.#record.id)
  }

  /** Takes one of its names away; the image stays, without a name if it has no other, until it is removed or pruned. */
  async untag(reference: string): Promise<void> {
    this.#record = await untagImage(await this.#engine.core.images(), this.#record, reference)
    tell(this.#engine, 'untag', this.#record.id)
  }

  /**
   * Brings it to a registry: layers that are not there yet, its manifest, an index with all its images. Without a reference it goes where its
   * only name says; the image gets no name here. Begins at once.
   */
  push(reference?: string, options: PushOptions = {}): Push {
    return beginPush(this.#engine, { image: this.#record, reference }, options)
  }

  /** Removes it with all its names ({@link Image.untag} takes one away). ERR_IMAGE_IN_USE where a container uses it, unless by force. */
  async remove(
    options: { readonly force?: boolean | undefined; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    checkOptions<RemoveImageOptions>(options, removeImageShape)
    await removeImage(await this.#engine.core.images(), this.#record, options)
    tell(this.#engine, 'remove', this.#record.id)
  }

  /** Writes it with all its names to a path or a stream: an OCI layout (directory or tar), or what `docker load` takes. */
  async save(target: SaveTarget, options: SaveOptions = {}): Promise<void> {
    await saveImages(await this.#engine.core.images(), [this.#record], target, options)
  }

  /** Everything that is known of it, looked up now. */
  async inspect(options: CallOptions = {}): Promise<ImageInspection> {
    checkOptions<CallOptions>(options, callShape)
    return await inspectImage(await this.#engine.core.images(), this.#record)
  }

  /** How its layers came about, oldest first. */
  async history(): Promise<readonly HistoryEntry[]> {
    return this.#record.history
  }

  /** @internal */
  get record(): ImageRecord {
    return this.#record
  }

  /** @internal */
  get engine(): Engine {
    return this.#engine
  }
}

function recordsOf(engine: Engine, images: readonly Image[]): readonly ImageRecord[] {
  if (!Array.isArray(images)) throw invalidArgument('images', `expected an array of images, got ${quoted(images)}`)
  return images.map((image: unknown, at) => {
    if (!(image instanceof Image)) throw invalidArgument(`images[${at}]`, `expected an Image, got ${quoted(image)}`)
    if (image.engine.root === engine.root) return image.record
    throw invalidArgument(`images[${at}]`, `it belongs to the engine at ${image.engine.root}, not to ${engine.root}`)
  })
}

async function made<T extends object>(
  options: WithEngine<T>,
  make: (context: ImageContext, options: T) => Promise<ImageRecord>,
  action?: ImageAction,
): Promise<Image> {
  const { engine, rest } = splitEngine(options)
  const record = await make(await engine.core.images(), rest)
  if (action) tell(engine, action, record.id)
  return new Image(engine, record)
}

type ImageAction = 'import' | 'load' | 'tag' | 'untag' | 'remove'

function tell(engine: Engine, action: ImageAction, object: string): void {
  engine.core.bus.publish({ type: 'image', action, object })
}
