// SPDX-License-Identifier: Apache-2.0
import { constants, type FileHandle, lstat, open, readlink } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import { EngineError } from '../errors/engine-error.js'
import { quoted } from '../errors/printable.js'
import type { Digest } from '../oci/digest.js'
import type { Ingested } from '../store/ingest.js'
import type { Store } from '../store/store.js'
import { fileStep } from '../store/store-failure.js'
import { readRegularFile, UnreadableFile } from '../util/atomic-file.js'

/** What a file has to be, where that is known. */
export interface ExpectedFile {
  readonly digest?: Digest | undefined
  readonly size?: number | undefined
}

const maxLinks = 40
const step = 'read archive'

/**
 * The files of an image archive that somebody else made, below one directory. Symlinks lead nowhere but below it, and nothing but
 * regular files is read. Nobody changes the directory meanwhile: it is the user's own, or of ours alone.
 */
export class ImageFiles {
  readonly #root: string
  readonly #consumed: boolean

  /** `consumed`: the directory is below the store's tmp/, and its files may be moved away. */
  constructor(root: string, options: { readonly consumed: boolean }) {
    this.#root = root
    this.#consumed = options.consumed
  }

  /** The content of a small file; null if there is none. */
  async read(path: string, maxBytes: number): Promise<Uint8Array | null> {
    const found = await this.#find(path)
    try {
      return found === null ? null : await fileStep(step, found, () => readRegularFile(found, maxBytes))
    } catch (error) {
      throw error instanceof UnreadableFile
        ? invalidArchive(`${quoted(path, 300)} is no file, or too large`, error)
        : error
    }
  }

  /** The content of a file that has to be there. */
  async need(path: string, maxBytes: number): Promise<Uint8Array> {
    const data = await this.read(path, maxBytes)
    if (data === null) throw missing(path)
    return data
  }

  /** Whether there is a file of that size. */
  async has(path: string, size: number): Promise<boolean> {
    const found = await this.#find(path)
    const stat = found === null ? null : await fileStep(step, found, () => lstat(found).catch(ifMissing))
    return stat?.isFile() === true && stat.size === size
  }

  /** The file's size and its first bytes. */
  async look(path: string): Promise<{ readonly size: number; readonly magic: Buffer }> {
    const { file, real } = await this.#open(path)
    try {
      const magic = Buffer.alloc(4)
      const { size } = await fileStep(step, real, async () => {
        await file.read(magic, 0, magic.length, 0)
        return await file.stat()
      })
      return { size, magic }
    } finally {
      await file.close()
    }
  }

  /** Brings the file into the store, checked. ERR_DIGEST_MISMATCH. It may be gone here afterwards. */
  async take(store: Store, path: string, expected: ExpectedFile, signal?: AbortSignal | undefined): Promise<Ingested> {
    const { file, real } = await this.#open(path)
    try {
      const { digest, size } = expected
      if (this.#consumed && digest !== undefined) {
        const found = await fileStep(step, real, () => file.stat())
        return await store.blobs.adopt(real, { digest, size: size ?? found.size })
      }
      // Who ingests it looks at the signal: a stream that has one fails before anybody listens to it.
      const content = file.createReadStream({ autoClose: false, highWaterMark: 1024 * 1024 })
      return await store.blobs.ingest(content, { digest, size, signal })
    } finally {
      await file.close()
    }
  }

  async #open(path: string): Promise<{ readonly file: FileHandle; readonly real: string }> {
    const real = await this.#find(path)
    if (real === null) throw missing(path)
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
    const file = await fileStep(step, real, () => open(real, flags))
    try {
      const found = await fileStep(step, real, () => file.stat())
      if (found.isFile()) return { file, real }
      throw invalidArchive(`${quoted(path, 300)} is no file`)
    } catch (error) {
      await file.close()
      throw error
    }
  }

  // The path without symlinks: each part is looked at, and `..` and links stay inside.
  async #find(path: string): Promise<string | null> {
    let rest = inside(path)
    let done = ''
    for (let links = 0; rest.length > 0; ) {
      const [part = '', ...others] = rest
      const here = join(done, part)
      const at = join(this.#root, here)
      const stat = await fileStep(step, at, () => lstat(at).catch(ifMissing))
      if (stat === null) return null
      if (!stat.isSymbolicLink()) {
        done = here
        rest = others
        continue
      }
      if (++links > maxLinks) throw invalidArchive(`${quoted(path, 300)} leads through too many links`)
      const target = await fileStep(step, at, () => readlink(at))
      rest = inside(join(target.startsWith('/') ? '/' : dirname(here), target, ...others))
      done = ''
    }
    return join(this.#root, done)
  }
}

/** The error for an archive that is none. */
export function invalidArchive(problem: string, cause?: unknown): EngineError {
  return new EngineError({
    code: 'ERR_ARCHIVE_INVALID',
    message: `this is no image archive: ${problem}`,
    hint: 'load takes OCI layouts and what docker save writes; a tar of a root file system is for import',
    ...(cause !== undefined && { cause }),
  })
}

function inside(path: string): readonly string[] {
  if (path.includes('\0')) throw invalidArchive('a name has a zero byte in it')
  return normalize(join('/', path))
    .split('/')
    .filter((part) => part !== '')
}

function missing(path: string): EngineError {
  return invalidArchive(`${quoted(path, 300)} is missing in it`)
}

function ifMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null
  throw error
}
