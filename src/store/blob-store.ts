// SPDX-License-Identifier: Apache-2.0
import { constants, type FileHandle, open, readdir, stat, unlink, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { type Digest, Digester, digestFromHex, digestOf, digestParts, isDigest } from '../oci/digest.js'
import { readRegularFile, UnreadableFile } from '../util/atomic-file.js'
import { adoptFile, type Ingested, type IngestOptions, ingestContent, publishFile } from './ingest.js'
import { corruptFile, fileStep, isMissing } from './store-failure.js'
import type { StorePaths } from './store-paths.js'

/** A blob that is there. */
export interface StoredBlob {
  readonly digest: Digest
  readonly sizeBytes: number
  /** When it came, or was last claimed: milliseconds since 1970. */
  readonly modifiedMs: number
}

/** Content by its digest. Whatever is visible here had its digest when it came. */
export class BlobStore {
  readonly #paths: StorePaths

  constructor(paths: StorePaths) {
    this.#paths = paths
  }

  path(digest: Digest): string {
    return this.#paths.blob(digest)
  }

  /** Bytes of the blob; undefined if it is not there. */
  async size(digest: Digest): Promise<number | undefined> {
    const path = this.path(digest)
    try {
      return (await stat(path)).size
    } catch (error) {
      if (isMissing(error)) return undefined
      return await fileStep('stat blob', path, () => Promise.reject(error))
    }
  }

  /** Like {@link size}, and makes the blob young, so that no garbage collection takes it before it is named. */
  async claim(digest: Digest): Promise<number | undefined> {
    const now = new Date()
    const path = this.path(digest)
    try {
      await utimes(path, now, now)
    } catch (error) {
      if (isMissing(error)) return undefined
      return await fileStep('claim blob', path, () => Promise.reject(error))
    }
    return await this.size(digest)
  }

  /** Takes content as it streams in; visible when it is complete, on the disk, and what `digest` and `size` say. */
  async ingest(
    content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    options: IngestOptions = {},
  ): Promise<Ingested> {
    return await ingestContent(this.#paths, content, options)
  }

  /** Takes bytes that are at hand. Where they are there already nothing is written, and no disk waited for. */
  async put(data: Uint8Array | string): Promise<Ingested> {
    const bytes = Buffer.from(data)
    const known = { digest: digestOf(bytes), size: bytes.byteLength }
    return (await this.#holds(known.digest, bytes)) ? known : await this.ingest([bytes])
  }

  /** Takes a finished file below the store's tmp/, which is gone afterwards, whatever happens. */
  async adopt(file: string, expected: { readonly digest: Digest; readonly size: number }): Promise<Ingested> {
    return await adoptFile(this.#paths, file, expected)
  }

  /** Takes a finished file of the store's file system whose digest and size the caller has checked while it was written. */
  async keep(written: { readonly path: string; readonly file: FileHandle }, checked: Ingested): Promise<void> {
    await publishFile(this.#paths, written, { digest: checked.digest, size: checked.size })
  }

  /** The bytes of a small blob, checked once more; null if it is not there. Damaged: removed, and ERR_STORE_CORRUPT. */
  async read(digest: Digest, maxBytes = 8 * 1024 * 1024): Promise<Uint8Array | null> {
    const path = this.path(digest)
    const data = await fileStep('read blob', path, () => readRegularFile(path, maxBytes)).catch((error) => {
      throw error instanceof UnreadableFile ? corruptFile(path, error.message) : error
    })
    if (data === null || digestOf(data, digestParts(digest).algorithm) === digest) return data
    await this.remove(digest)
    throw corruptFile(path, 'its content does not have its digest', {
      hint: 'it was removed: pull or load the image again',
    })
  }

  /** The blob as a file to read from, for instance by a worker; null if it is not there. The caller closes it. */
  async open(digest: Digest): Promise<FileHandle | null> {
    const path = this.path(digest)
    try {
      return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
    } catch (error) {
      if (isMissing(error)) return null
      return await fileStep('open blob', path, () => Promise.reject(error))
    }
  }

  /** Whether the whole content still has its digest; false if it is not there. */
  async verify(digest: Digest, signal?: AbortSignal): Promise<boolean> {
    const file = await this.open(digest)
    if (file === null) return false
    const digester = new Digester(digestParts(digest).algorithm)
    for await (const chunk of file.createReadStream({ highWaterMark: 1024 * 1024, signal }))
      digester.update(chunk as Buffer)
    return digester.digest() === digest
  }

  /** Removes the blob; false if it was not there. */
  async remove(digest: Digest): Promise<boolean> {
    const path = this.path(digest)
    try {
      await unlink(path)
      return true
    } catch (error) {
      if (isMissing(error)) return false
      return await fileStep('remove blob', path, () => Promise.reject(error))
    }
  }

  // What is damaged is written anew.
  async #holds(digest: Digest, bytes: Buffer): Promise<boolean> {
    if ((await this.claim(digest)) !== bytes.byteLength) return false
    const there = await readRegularFile(this.path(digest), bytes.byteLength).catch(() => null)
    return there !== null && bytes.equals(there)
  }

  /** Every blob, in no order. Files that are named otherwise are passed over. */
  async *list(): AsyncGenerator<StoredBlob, void> {
    for (const algorithm of ['sha256', 'sha512'] as const) {
      const directory = join(this.#paths.blobs, algorithm)
      for (const name of await fileStep('list', directory, () => readdir(directory))) {
        if (!isDigest(`${algorithm}:${name}`)) continue
        const path = join(directory, name)
        const found = await fileStep('look at blob', path, () =>
          stat(path).catch((error) => (isMissing(error) ? null : Promise.reject(error))),
        )
        if (found) yield { digest: digestFromHex(name, algorithm), sizeBytes: found.size, modifiedMs: found.mtimeMs }
      }
    }
  }
}
