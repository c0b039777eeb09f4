// SPDX-License-Identifier: Apache-2.0
import { isDeepStrictEqual } from 'node:util'
import { EngineError } from '../errors/engine-error.js'
import { type Descriptor, omitUndefined } from '../oci/descriptor.js'
import type { Digest } from '../oci/digest.js'
import { type Index, indexToJson, readIndex } from '../oci/image-index.js'
import { parseUntrustedJson } from '../oci/json.js'
import { refNameAnnotation } from '../oci/layout.js'
import { mediaTypes } from '../oci/media-types.js'
import { readRegularFile, UnreadableFile, writeFileAtomic } from '../util/atomic-file.js'
import { type FileLocker, withLock } from './file-locker.js'
import { fileStamp } from './file-stamp.js'
import { corruptFile, fileStep } from './store-failure.js'
import { quarantine } from './store-layout.js'
import type { StorePaths } from './store-paths.js'

/** An entry of the store's index.json. */
export interface NamedImage {
  /** The reference in full; null for an image without name. */
  readonly name: string | null
  /** The manifest or index that it names. */
  readonly descriptor: Descriptor
}

/** On the descriptor of a manifest that was chosen from an index: the digest of that, which the name stands for on its registry. */
export const sourceAnnotation = 'dev.tscontainer.source'

/** Marks the descriptor of an image that is this machine's own /usr. */
export const hostAnnotation = 'dev.tscontainer.host'

const maxBytes = 64 * 1024 * 1024
const maxImages = 200_000
const emptyIndex: Index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [] }

/**
 * Which manifests have which names: the store's index.json, read by every process, replaced as a whole under a lock. A
 * damaged file is put aside once with ERR_STORE_CORRUPT; the next call finds a store without names, all blobs in place.
 */
export class ImageNames {
  readonly #paths: StorePaths
  readonly #locker: FileLocker
  #cached: { readonly stamp: string; readonly index: Index } | undefined
  readonly #lists = new WeakMap<Index, readonly NamedImage[]>()

  constructor(paths: StorePaths, locker: FileLocker) {
    this.#paths = paths
    this.#locker = locker
  }

  /** The same list for as long as nobody has written the file, which is looked at each time. */
  async list(): Promise<readonly NamedImage[]> {
    const index = await this.#read()
    let list = this.#lists.get(index)
    if (list === undefined) {
      list = Object.freeze(index.manifests.map((descriptor) => ({ name: nameOf(descriptor), descriptor })))
      this.#lists.set(index, list)
    }
    return list
  }

  /** What the name (a reference in full) stands for. */
  async get(name: string): Promise<Descriptor | undefined> {
    return (await this.#read()).manifests.find((descriptor) => nameOf(descriptor) === name)
  }

  /** The names of a manifest. */
  async namesOf(digest: Digest): Promise<readonly string[]> {
    return (await this.list()).flatMap(({ name, descriptor }) =>
      name !== null && descriptor.digest === digest ? [name] : [],
    )
  }

  /** Gives the name to the manifest, taking it from any other. Null keeps the manifest without a name, if it has none yet. */
  async set(name: string | null, descriptor: Descriptor, signal?: AbortSignal): Promise<void> {
    const bare = unnamed(descriptor)
    const entry = name === null ? bare : { ...bare, annotations: { ...bare.annotations, [refNameAnnotation]: name } }
    await this.#update((entries) => {
      const sameImage = (other: Descriptor) => other.digest === descriptor.digest
      if (name === null) return entries.some(sameImage) ? entries : [...entries, entry]
      const wasUnnamed = entries.some((other) => nameOf(other) === null && sameImage(other))
      const before = entries.find((other) => nameOf(other) === name)
      if (before && !wasUnnamed && isDeepStrictEqual(before, omitUndefined(entry))) return entries
      return [
        ...entries.filter((other) => nameOf(other) !== name && !(nameOf(other) === null && sameImage(other))),
        entry,
      ]
    }, signal)
  }

  /** Takes the name away; what it stood for, undefined if it was none. */
  async remove(name: string, signal?: AbortSignal): Promise<Descriptor | undefined> {
    let removed: Descriptor | undefined
    await this.#update((entries) => {
      removed = entries.find((entry) => nameOf(entry) === name)
      return removed ? entries.filter((entry) => entry !== removed) : entries
    }, signal)
    return removed
  }

  /** Takes the name away from the manifest, which stays, without a name if it has no other; false if that was none of its names. */
  async unname(name: string, digest: Digest, signal?: AbortSignal): Promise<boolean> {
    let found = false
    await this.#update((entries) => {
      const named = entries.find((entry) => nameOf(entry) === name && entry.digest === digest)
      found = named !== undefined
      if (named === undefined) return entries
      const others = entries.filter((entry) => entry !== named)
      return others.some((entry) => entry.digest === digest) ? others : [...others, unnamed(named)]
    }, signal)
    return found
  }

  /** Takes away every entry of the manifest; the names it had. */
  async removeImage(digest: Digest, signal?: AbortSignal): Promise<readonly string[]> {
    let names: readonly string[] = []
    await this.#update((entries) => {
      names = entries.flatMap((entry) => (entry.digest === digest ? (nameOf(entry) ?? []) : []))
      return entries.some((entry) => entry.digest === digest)
        ? entries.filter((entry) => entry.digest !== digest)
        : entries
    }, signal)
    return names
  }

  async #update(
    change: (entries: readonly Descriptor[]) => readonly Descriptor[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const path = this.#paths.index
    await this.#locked(async () => {
      const index = await this.#load().catch((error) => this.#putAside(error))
      const manifests = change(index.manifests)
      if (manifests === index.manifests) return
      const json = indexToJson({ ...index, manifests })
      await fileStep('write index', path, () => writeFileAtomic(path, json, { mode: 0o644 }))
    }, signal)
  }

  async #read(): Promise<Index> {
    try {
      return await this.#load()
    } catch (error) {
      if (!isDamage(error)) throw error
      // Under the lock and once more: meanwhile another process may have put it aside and written a new one.
      return await this.#locked(() => this.#load().catch((again) => this.#putAside(again)))
    }
  }

  async #load(): Promise<Index> {
    const path = this.#paths.index
    const stamp = fileStamp(path, 'stat index')
    if (stamp === null) return emptyIndex
    if (this.#cached?.stamp === stamp) return this.#cached.index
    const data = await fileStep('read index', path, () => readRegularFile(path, maxBytes))
    if (data === null) return emptyIndex
    const index = readIndex(parseUntrustedJson(data, 'index.json', { maxBytes }), { max: maxImages })
    this.#cached = { stamp, index }
    return index
  }

  async #putAside(error: unknown): Promise<never> {
    if (!isDamage(error)) throw error
    const path = this.#paths.index
    const aside = await quarantine(this.#paths, path)
    throw corruptFile(path, error.message, {
      hint: `it was moved to ${aside}; the images’ content is still there, and is kept until that file is removed`,
      cause: error,
    })
  }

  #locked<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return withLock(this.#locker, { path: this.#paths.lock('index'), mode: 'exclusive', signal }, work)
  }
}

function isDamage(error: unknown): error is Error {
  return error instanceof UnreadableFile || EngineError.is(error, 'ERR_IMAGE_INVALID')
}

function unnamed(descriptor: Descriptor): Descriptor {
  const { [refNameAnnotation]: _, ...annotations } = descriptor.annotations ?? {}
  return { ...descriptor, annotations: Object.keys(annotations).length > 0 ? annotations : undefined }
}

function nameOf(descriptor: Descriptor): string | null {
  return descriptor.annotations?.[refNameAnnotation] ?? null
}
