// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto'
import { constants, type FileHandle, open, rename, unlink, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { EngineError } from '../errors/engine-error.js'
import { type Digest, Digester, digestParts } from '../oci/digest.js'
import { syncDirectory } from '../util/atomic-file.js'
import { storeFailure } from './store-failure.js'
import type { StorePaths } from './store-paths.js'

/** What the content has to be. */
export interface IngestOptions {
  /** Its digest; ERR_DIGEST_MISMATCH if it is another one. */
  readonly digest?: Digest | undefined
  /** Its size in bytes; more is refused as soon as it comes. */
  readonly size?: number | undefined
  /** The most bytes to take where the size is not known. */
  readonly maxBytes?: number | undefined
  /** Told how many bytes there are so far. */
  readonly onProgress?: ((bytes: number) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** What became visible. */
export interface Ingested {
  readonly digest: Digest
  readonly size: number
}

/** How temporary files of this process are called, so that what a crash leaves is known as such. */
export const ingestPrefix = 'ingest-'

/** Writes the content beside the blobs, checks it, and makes it visible by one rename. */
export async function ingestContent(
  paths: StorePaths,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: IngestOptions,
): Promise<Ingested> {
  options.signal?.throwIfAborted()
  const temporary = join(paths.tmp, `${ingestPrefix}${randomBytes(12).toString('hex')}`)
  try {
    const digester = new Digester(options.digest ? digestParts(options.digest).algorithm : 'sha256')
    const file = await open(temporary, 'wx', 0o644)
    try {
      for await (const chunk of content) {
        options.signal?.throwIfAborted()
        checkRoom(digester.size + chunk.byteLength, options)
        digester.update(chunk)
        await writeAll(file, chunk)
        options.onProgress?.(digester.size)
      }
      const ingested = { digest: digester.digest(), size: digester.size }
      checkContent(ingested, options)
      await file.sync()
      return await makeVisible(paths, temporary, ingested)
    } finally {
      await file.close()
    }
  } catch (error) {
    await unlink(temporary).catch(() => {})
    throw storeFailure(error, 'write blob', temporary)
  }
}

/** Checks a finished file by reading it, and makes it visible. The file is gone afterwards. */
export async function adoptFile(paths: StorePaths, path: string, expected: Ingested): Promise<Ingested> {
  try {
    const digester = new Digester(digestParts(expected.digest).algorithm)
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
    try {
      for await (const chunk of file.createReadStream({ autoClose: false, highWaterMark: 1024 * 1024 }))
        digester.update(chunk as Buffer)
      checkContent({ digest: digester.digest(), size: digester.size }, expected)
      await file.sync()
      return await makeVisible(paths, path, expected)
    } finally {
      await file.close()
    }
  } catch (error) {
    await unlink(path).catch(() => {})
    throw storeFailure(error, 'adopt blob', path)
  }
}

/** Makes a finished file visible whose content the caller has just hashed as it came. */
export async function publishFile(
  paths: StorePaths,
  { path, file }: { readonly path: string; readonly file: FileHandle },
  checked: Ingested,
): Promise<void> {
  try {
    checkContent({ digest: checked.digest, size: (await file.stat()).size }, checked)
    await file.sync()
    await makeVisible(paths, path, checked)
  } catch (error) {
    throw storeFailure(error, 'publish blob', path)
  }
}

async function makeVisible(paths: StorePaths, temporary: string, ingested: Ingested): Promise<Ingested> {
  const path = paths.blob(ingested.digest)
  // The same content over what is there is no change; its age begins anew, and a damaged file is healed.
  await rename(temporary, path)
  const now = new Date()
  await utimes(path, now, now)
  await syncDirectory(dirname(path))
  return ingested
}

function checkRoom(size: number, { size: expected, maxBytes }: IngestOptions): void {
  if (expected !== undefined && size > expected) throw mismatch(`more than the ${expected} bytes announced came`)
  if (maxBytes !== undefined && size > maxBytes) throw mismatch(`more than ${maxBytes} bytes came`)
}

function checkContent(
  actual: Ingested,
  expected: { readonly digest?: Digest | undefined; readonly size?: number | undefined },
): void {
  if (expected.size !== undefined && actual.size !== expected.size) {
    throw mismatch(`${actual.size} bytes came where ${expected.size} were announced`)
  }
  if (expected.digest !== undefined && actual.digest !== expected.digest) {
    throw mismatch(`the content is ${actual.digest}, not ${expected.digest}`)
  }
}

function mismatch(message: string): EngineError {
  return new EngineError({ code: 'ERR_DIGEST_MISMATCH', message })
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let written = 0; written < chunk.byteLength; ) {
    written += (await file.write(chunk, written, chunk.byteLength - written)).bytesWritten
  }
}
