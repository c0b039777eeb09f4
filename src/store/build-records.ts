// SPDX-License-Identifier: Apache-2.0
import { access, readdir, stat, unlink, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { Descriptor } from '../oci/descriptor.js'
import { type Digest, digestFromHex, isDigest } from '../oci/digest.js'
import { readRegularFile, UnreadableFile, writeFileAtomic } from '../util/atomic-file.js'
import { parseJson } from './record-file.js'
import { fileStep, isMissing } from './store-failure.js'
import type { StorePaths } from './store-paths.js'

/** A layer that a step of a build made. */
export interface BuildLayer {
  readonly diffId: Digest
  /** Bytes of its unpacked files. */
  readonly sizeBytes: number
  /** When it was made: RFC 3339. */
  readonly createdAt?: string | undefined
  /** Whether its step changed nothing: there is no such layer, it stands for the step. */
  readonly isEmpty?: true | undefined
}

/** What is known of a step of a build that was done: the content of `builds/records/<hex of the key>.json`. */
export interface BuildRecord {
  /** What the step did, on what: equal keys have equal results. */
  readonly key: Digest
  /** How the step is shown. */
  readonly name: string
  /** The lowest first. */
  readonly layers: readonly BuildLayer[]
  /** Of a record that rests on what other caches said, and is filed apart: the key it would have otherwise. */
  readonly importedAs?: Digest | undefined
}

/** A layer as a manifest names it, and what is in it. */
export interface PackedLayer {
  readonly blob: Descriptor
  readonly diffId: Digest
}

/** A record, and when it was used last. */
export interface StoredBuildRecord extends BuildRecord {
  /** Milliseconds since 1970. */
  readonly usedMs: number
}

const maxRecordBytes = 1024 * 1024

/**
 * Results of builds, so that nothing is done twice. Losing one costs time and nothing else: what is damaged or half counts as not there, and
 * writes are not waited for until they reach the disk.
 */
export class BuildRecords {
  readonly #paths: StorePaths

  constructor(paths: StorePaths) {
    this.#paths = paths
  }

  /** The record, if all of its layers are there; it counts as used now. */
  async get(key: Digest): Promise<BuildRecord | undefined> {
    const record = await this.read(key)
    if (!record || !(await this.#isWhole(record))) return undefined
    const now = new Date()
    await utimes(this.#paths.buildRecord(key), now, now).catch(() => {})
    return record
  }

  async put({ key, name, layers, importedAs }: BuildRecord): Promise<void> {
    await this.#write(this.#paths.buildRecord(key), JSON.stringify({ key, name, layers, importedAs }))
  }

  /** The record, whether its layers are there or not. */
  async read(key: Digest): Promise<BuildRecord | undefined> {
    const bytes = await this.#bytes(this.#paths.buildRecord(key))
    const record = bytes && parseJson(bytes)
    return isRecord(record) && record.key === key ? record : undefined
  }

  /** The key that an alias was given. */
  async alias(alias: Digest): Promise<Digest | undefined> {
    const text = (await this.#bytes(this.#paths.buildAlias(alias)))?.toString()
    return isDigest(text) ? text : undefined
  }

  async setAlias(alias: Digest, key: Digest): Promise<void> {
    await this.#write(this.#paths.buildAlias(alias), key)
  }

  /** What a layer was packed into, by its diffID or by what was made of it; the blob may be gone by now. */
  async packed(key: Digest): Promise<PackedLayer | undefined> {
    const bytes = await this.#bytes(this.#paths.buildBlob(key))
    const value = bytes && parseJson(bytes)
    if (!isDescriptor(value)) return undefined
    const { mediaType, digest, size } = value
    const diffId: unknown = Reflect.get(value, 'diffId') ?? key
    return isDigest(diffId) ? { blob: { mediaType, digest, size }, diffId } : undefined
  }

  async setPacked(key: Digest, { blob: { mediaType, digest, size }, diffId }: PackedLayer): Promise<void> {
    await this.#write(this.#paths.buildBlob(key), JSON.stringify({ mediaType, digest, size, diffId }))
  }

  /** Every record, the one used last first. */
  async list(): Promise<readonly StoredBuildRecord[]> {
    const records: StoredBuildRecord[] = []
    for (const key of await this.#digests(this.#paths.buildRecords, '.json')) {
      const record = await this.read(key)
      const found = await stat(this.#paths.buildRecord(key)).catch(() => null)
      if (record && found) records.push({ ...record, usedMs: found.mtimeMs })
    }
    return records.sort((a, b) => b.usedMs - a.usedMs)
  }

  async remove(key: Digest): Promise<void> {
    await removeFile(this.#paths.buildRecord(key))
  }

  /** Removes what leads to no record any more, and files that a crash left. Call it while nobody builds. */
  async sweep(): Promise<void> {
    const keys = new Set(await this.#digests(this.#paths.buildRecords, '.json'))
    for (const alias of await this.#digests(this.#paths.buildAliases, '')) {
      const key = await this.alias(alias)
      if (!key || !keys.has(key)) await removeFile(this.#paths.buildAlias(alias))
    }
    for (const directory of [this.#paths.buildRecords, this.#paths.buildAliases, this.#paths.buildBlobs]) {
      for (const name of await names(directory)) if (name.endsWith('.tmp')) await removeFile(join(directory, name))
    }
    for (const name of await names(this.#paths.locks)) {
      if (name.startsWith('build-')) await removeFile(join(this.#paths.locks, name))
    }
  }

  async #isWhole({ layers }: BuildRecord): Promise<boolean> {
    const real = layers.filter(({ isEmpty }) => !isEmpty)
    const there = real.map(({ diffId }) =>
      access(this.#paths.layerRecord(diffId)).then(
        () => true,
        () => false,
      ),
    )
    return (await Promise.all(there)).every(Boolean)
  }

  async #bytes(path: string): Promise<Buffer | undefined> {
    try {
      const bytes = await fileStep('read build record', path, () => readRegularFile(path, maxRecordBytes))
      return bytes ? Buffer.from(bytes) : undefined
    } catch (error) {
      if (error instanceof UnreadableFile) return undefined
      throw error
    }
  }

  async #write(path: string, text: string): Promise<void> {
    await fileStep('write build record', path, () => writeFileAtomic(path, text, { sync: false }))
  }

  async #digests(directory: string, suffix: string): Promise<readonly Digest[]> {
    const found = await names(directory)
    const hex = found.filter((name) => name.endsWith(suffix)).map((name) => name.slice(0, name.length - suffix.length))
    return hex.filter((name) => isDigest(`sha256:${name}`)).map((name) => digestFromHex(name))
  }
}

async function names(directory: string): Promise<readonly string[]> {
  return await fileStep('list', directory, () => readdir(directory))
}

async function removeFile(path: string): Promise<void> {
  await unlink(path).catch((error) => {
    if (!isMissing(error)) throw error
  })
}

function isRecord(value: unknown): value is BuildRecord {
  if (typeof value !== 'object' || value === null) return false
  const { key, name, layers, importedAs } = value as Partial<Record<keyof BuildRecord, unknown>>
  if (importedAs !== undefined && !isDigest(importedAs)) return false
  return isDigest(key) && typeof name === 'string' && Array.isArray(layers) && layers.every(isLayer)
}

function isDescriptor(value: unknown): value is Descriptor {
  if (typeof value !== 'object' || value === null) return false
  const { mediaType, digest, size } = value as Partial<Record<keyof Descriptor, unknown>>
  return typeof mediaType === 'string' && isDigest(digest) && Number.isSafeInteger(size)
}

function isLayer(value: unknown): value is BuildLayer {
  if (typeof value !== 'object' || value === null) return false
  const { diffId, sizeBytes } = value as Partial<Record<keyof BuildLayer, unknown>>
  return isDigest(diffId) && diffId.startsWith('sha256:') && Number.isSafeInteger(sizeBytes)
}
