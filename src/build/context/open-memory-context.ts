// SPDX-License-Identifier: Apache-2.0
import { Readable } from 'node:stream'
import { invalidArgument } from '../../errors/invalid-argument.js'
import { quoted } from '../../errors/printable.js'
import { buildTar, type TarItem } from '../../layer/build-tar.js'
import type { LayerContext } from '../../layer/layer-context.js'
import type { BuildContext } from './build-context.js'
import { openArchiveContext } from './open-archive-context.js'

/** A file of a context that is at hand: its text or bytes (then 0644), or with a mode, or where a symbolic link leads. */
export type MemoryFile =
  | string
  | Uint8Array
  | {
      /** Text, or bytes. */
      readonly content: string | Uint8Array
      /** Permission bits, 0 to 0o777. */
      readonly mode?: number | undefined
    }
  | {
      /** Where the symbolic link leads. */
      readonly link: string
    }

/** Files by their paths: `{ 'app.js': 'console.log(1)' }`. Directories are made as they are needed; a path with a slash at its end is one. */
export type MemoryFiles = Readonly<Record<string, MemoryFile>>

/** Files that are at hand as a context. ERR_INVALID_ARGUMENT for paths that are empty or lead out. */
export async function openMemoryContext(
  context: LayerContext,
  files: MemoryFiles,
  signal?: AbortSignal,
): Promise<BuildContext> {
  const tar = buildTar(Object.entries(files).map(([path, file]) => itemOf(path, file)))
  return await openArchiveContext(context, Readable.from([tar]), { name: 'in memory', signal })
}

function itemOf(path: string, file: MemoryFile): TarItem {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.length === 0 || parts.includes('..') || path.includes('\0')) {
    throw invalidArgument('context', `${quoted(path)} is not the path of a file in the context`)
  }
  const clean = parts.join('/')
  if (typeof file === 'string' || file instanceof Uint8Array) return fileOf(path, clean, { content: file })
  if (typeof file === 'object' && file !== null) {
    if ('link' in file && typeof file.link === 'string') return { type: 'symlink', path: clean, target: file.link }
    if ('content' in file) return fileOf(path, clean, file)
  }
  throw invalidArgument('context', `${quoted(path)} has to be text, bytes, { content, mode } or { link }`)
}

function fileOf(
  path: string,
  clean: string,
  file: { content: string | Uint8Array; mode?: number | undefined },
): TarItem {
  const { content } = file
  const isDirectory = path.endsWith('/')
  const mode = file.mode ?? (isDirectory ? 0o755 : 0o644)
  if (!Number.isInteger(mode) || mode < 0 || mode > 0o777) {
    throw invalidArgument('context', `the mode of ${quoted(path)} has to be a number from 0 to 0o777`)
  }
  const data = typeof content === 'string' ? Buffer.from(content) : content
  if (!(data instanceof Uint8Array))
    throw invalidArgument('context', `the content of ${quoted(path)} has to be text or bytes`)
  if (!isDirectory) return { type: 'file', path: clean, mode, data }
  if (data.length > 0) throw invalidArgument('context', `${quoted(path)} is a directory, and has content`)
  return { type: 'directory', path: clean, mode }
}
