// SPDX-License-Identifier: Apache-2.0
import type { FileHandle } from 'node:fs/promises'
import { invalidArgument } from '../../errors/invalid-argument.js'
import { quoted } from '../../errors/printable.js'
import { tarEnd, tarFileHeader, tarPadding } from '../../layer/build-tar.js'
import type { LayerContext } from '../../layer/layer-context.js'
import type { BuildContext } from './build-context.js'
import { openArchiveContext } from './open-archive-context.js'

/** A file that was downloaded for ADD. */
export interface FetchedFile {
  /** Open for reading, read from its beginning to its end; the caller's. */
  readonly file: FileHandle
  /** A single name, without slashes. */
  readonly name: string
  /** 0o600 by default, as ADD gives it. */
  readonly mode?: number | undefined
  /** Seconds since 1970 (Last-Modified); 0 by default. */
  readonly mtime?: number | undefined
}

/** One file as a context. ERR_INVALID_ARGUMENT for a name that is none. */
export async function openFileContext(
  context: LayerContext,
  { file, name, mode = 0o600, mtime = 0 }: FetchedFile,
  signal?: AbortSignal,
): Promise<BuildContext> {
  if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name)) {
    throw invalidArgument('name', `${quoted(name, 200)} is not the name of a file`)
  }
  const { size } = await file.stat()
  const header = tarFileHeader({ path: name, mode, size, mtime: Math.max(0, Math.floor(mtime)) })
  return await openArchiveContext(context, tarOf(file, header, size), { name, signal })
}

async function* tarOf(file: FileHandle, header: Buffer, size: number): AsyncGenerator<Uint8Array> {
  yield header
  if (size > 0) yield* file.createReadStream({ start: 0, end: size - 1, autoClose: false })
  yield tarPadding(size)
  yield tarEnd()
}
