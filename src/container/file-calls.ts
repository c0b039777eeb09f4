// SPDX-License-Identifier: Apache-2.0
import type { FileHandle } from 'node:fs/promises'
import { fileHandleFor } from '../native/file-handle.js'
import { storeFailure } from '../store/store-failure.js'
import { abandonable } from '../util/abort.js'
import { checkOptions } from '../util/validate.js'
import { askFile, type FileAsking } from './ask-file.js'
import { type CallOptions, callShape } from './call-options.js'
import {
  checkPath,
  fileShapes,
  type MakeOptions,
  openFlags,
  ownerText,
  plainPath,
  type ReaddirOptions,
  type WriteFileOptions,
} from './file-options.js'
import { type FileEntry, FileStats, fileType, type StatMessage } from './file-stats.js'
import { keepAlive } from './keep-alive.js'
import type { Subject } from './operate.js'

/** What a file can be written from. */
export type FileContent = string | Uint8Array | Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>

/** Opens or makes a regular file; whatever it is, the container has not been told to open it. */
export async function openFile(
  subject: Subject,
  path: string,
  given: string | number,
  options: MakeOptions,
): Promise<FileHandle> {
  checkPath(path)
  checkOptions<MakeOptions>(options, fileShapes.make)
  return (await open(subject, { path, flags: openFlags(given), ...options, doing: 'open' })).handle
}

type Opening = Omit<FileAsking, 'call' | 'owner' | 'mode'> & MakeOptions

interface OpenFile {
  readonly handle: FileHandle
  /** Whether it was not there before. */
  readonly made: boolean
}

async function open(subject: Subject, { owner, mode, ...asking }: Opening): Promise<OpenFile> {
  const { fds, result } = await askFile<{ readonly made: boolean }>(subject, {
    ...asking,
    call: 'open',
    ...(mode !== undefined && { mode }),
    ...ownerText(owner),
  })
  const [descriptor] = fds
  if (descriptor === undefined) throw new TypeError('the worker gave no file')
  return { handle: await fileHandleFor(descriptor), made: result.made }
}

/** The whole content, as bytes. */
export async function readFile(subject: Subject, path: string, { signal }: CallOptions): Promise<Buffer> {
  const { handle } = await open(subject, { path, flags: openFlags('r'), doing: 'read', signal })
  return await using({ handle, path, signal }, () => handle.readFile(signal ? { signal } : {}))
}

/** Writes the content, and makes the file where it is missing. */
export async function writeFile(
  subject: Subject,
  path: string,
  content: FileContent,
  options: WriteFileOptions,
): Promise<void> {
  checkPath(path)
  checkOptions<WriteFileOptions>(options, fileShapes.writeFile)
  const { signal, mode, owner, flag = 'w', encoding = 'utf8' } = options
  const { handle, made } = await open(subject, {
    path,
    flags: openFlags(flag, 'flag'),
    mode,
    owner,
    doing: 'write',
    signal,
  })
  const writing = { encoding, ...(signal && { signal }) }
  await using({ handle, path, signal }, () => handle.writeFile(content as string, writing))
  // Whoever writes without power over the file takes these away.
  if (made && mode !== undefined && (mode & 0o6000) !== 0)
    await askFile(subject, { call: 'chmod', path, mode, doing: 'change the mode of', signal })
}

interface Use {
  readonly handle: FileHandle
  readonly path: string
  readonly signal: AbortSignal | undefined
}

// Node rejects with errors of its own, also where a signal aborts. Those of a caller's iterable are the caller's.
async function using<T>({ handle, path, signal }: Use, act: () => Promise<T>): Promise<T> {
  const release = keepAlive()
  try {
    return await abandonable(act(), signal)
  } catch (error) {
    signal?.throwIfAborted()
    const call = (error as NodeJS.ErrnoException | null)?.syscall
    throw call === 'read' || call === 'write' || call === 'fstat' ? storeFailure(error, `${call} file`, path) : error
  } finally {
    await handle.close()
    release()
  }
}

/** What is known of it; `follow`: of what a link at the end leads to. */
export async function statFile(
  subject: Subject,
  path: string,
  { follow, options }: { readonly follow: boolean; readonly options: CallOptions },
): Promise<FileStats> {
  checkPath(path)
  checkOptions<CallOptions>(options, callShape)
  const { signal } = options
  const { result } = await askFile<StatMessage>(subject, { call: 'stat', path, follow, doing: 'stat', signal })
  return new FileStats(result)
}

/** What is in a directory, sorted. */
export async function listDirectory(
  subject: Subject,
  path: string,
  options: ReaddirOptions,
): Promise<readonly FileEntry[]> {
  checkPath(path)
  checkOptions<ReaddirOptions>(options, fileShapes.readdir)
  const { signal, recursive = false } = options
  const { result } = await askFile<{ readonly entries: readonly [string, string][] }>(subject, {
    call: 'readdir',
    path,
    recursive,
    doing: 'list',
    signal,
  })
  const base = plainPath(path)
  return result.entries.map(([name, letter]) => ({
    name,
    path: `${base === '/' ? '' : base}/${name}`,
    type: fileType(letter),
  }))
}
