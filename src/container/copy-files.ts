// SPDX-License-Identifier: Apache-2.0
import { posix } from 'node:path'
import { EngineError } from '../errors/engine-error.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import { type ByteStream, isByteStream } from '../layer/byte-source.js'
import { feed } from '../layer/feed.js'
import type { Connection } from '../native/connection.js'
import { createPipe } from '../native/descriptor.js'
import type { FileCopyArguments } from '../native/file-messages.js'
import { onAbort } from '../util/abort.js'
import { checkOptions } from '../util/validate.js'
import { fileError } from './ask-file.js'
import { linkTo } from './container-link.js'
import { requireLegal } from './container-state.js'
import { statFile } from './file-calls.js'
import { fileFilter } from './file-filter.js'
import { type CopyInOptions, type CopyOptions, checkPath, fileShapes, ownerText, plainPath } from './file-options.js'
import type { FileStats } from './file-stats.js'
import { checkHostPath, openHostSource, openHostTarget } from './host-side.js'
import { keepAlive } from './keep-alive.js'
import type { Subject } from './operate.js'
import { treeStream } from './tree-stream.js'

// Fewer wake-ups on both sides than with the kernel's usual 64 KiB.
const pipeBytes = 256 * 1024

/** One end of a copy: who works, at what, with which descriptors. */
interface End {
  readonly connection: Connection
  readonly doing: string
  readonly request:
    | ({ readonly op: 'file.copy'; readonly container: string } & FileCopyArguments)
    | { readonly op: 'work'; readonly kind: 'tree.pack' | 'tree.unpack'; readonly args: object }
  readonly fds: readonly number[]
  readonly signal: AbortSignal
}

async function run({ connection, doing, request, fds, signal }: End): Promise<unknown> {
  const { op, ...args } = request
  const options = { fds, signal, failure: { doing }, onProgress: () => {} }
  try {
    const { result } = await connection.request(op, args as never, options)
    return result
  } catch (error) {
    throw fileError(error)
  }
}

/** Copies a file or directory of the host, or a tar, into the container. */
export async function copyIn(
  subject: Subject,
  source: string | ByteStream,
  path: string,
  options: CopyInOptions,
): Promise<void> {
  checkPath(path)
  checkOptions<CopyInOptions>(options, fileShapes.copyIn)
  if (typeof source !== 'string' && !isByteStream(source))
    throw invalidArgument('source', `expected a path of the host or a stream of a tar, got ${quoted(source)}`)
  if (typeof source === 'string') return await copyHostFiles(subject, source, path, options)
  const connection = await connectionOf(subject, options.signal)
  await copying(options, async ({ signal, fail }) => {
    const filter = fileFilter(options.filter, fail)
    try {
      await feed(source, signal, async (input, ended) => {
        const unpacking = run({
          ...inside(subject, connection, path, options),
          fds: [input, ...filter.fds],
          signal: ended,
        })
        filter.sent()
        return await unpacking
      })
    } finally {
      filter.close()
    }
  })
}

async function copyHostFiles(subject: Subject, source: string, path: string, options: CopyInOptions): Promise<void> {
  checkHostPath(source, 'source')
  const connection = await connectionOf(subject, options.signal)
  const place = await openHostSource(source)
  try {
    const target = place.leaf === undefined ? { base: path } : await fileTarget(subject, place.leaf, path, options)
    const names = {
      ...(place.leaf !== undefined && { only: place.leaf }),
      ...(target.as !== undefined && { as: target.as }),
    }
    await through(options, {
      pack: { connection, doing: `copy ${quoted(source, 300)}`, fds: [place.directory.fd] },
      packing: { op: 'work', kind: 'tree.pack', args: names },
      unpack: inside(subject, connection, target.base, options),
    })
  } finally {
    place.directory.close()
  }
}

// As cp does it: into a directory that is there, else under the new name.
async function fileTarget(
  subject: Subject,
  name: string,
  path: string,
  { signal }: CopyOptions,
): Promise<{ readonly base: string; readonly as?: string }> {
  const there = path.endsWith('/') || (await statIfThere(subject, path, signal))?.isDirectory()
  if (there) return { base: path, as: name }
  const plain = plainPath(path)
  return { base: posix.dirname(plain), as: posix.basename(plain) }
}

async function statIfThere(
  subject: Subject,
  path: string,
  signal: AbortSignal | undefined,
): Promise<FileStats | undefined> {
  try {
    return await statFile(subject, path, { follow: true, options: { signal } })
  } catch (error) {
    if (EngineError.is(error, 'ERR_FILE_NOT_FOUND')) return undefined
    throw error
  }
}

/** What is at the path as a tar: what is in a directory, below `./`, or the one file. */
export function copyOutAsTar(subject: Subject, path: string, options: CopyOptions): ReadableStream<Uint8Array> {
  checkPath(path)
  checkOptions<CopyOptions>(options, fileShapes.copy)
  return treeStream(options.signal, async (output, signal, fail) => {
    const connection = await connectionOf(subject, signal)
    const filter = fileFilter(options.filter, fail)
    const packing = run({
      ...named(subject, connection, path),
      request: { op: 'file.copy', container: subject.container.id, what: 'out', path },
      fds: [output, ...filter.fds],
      signal,
    })
    filter.sent()
    return packing.finally(() => filter.close())
  })
}

/** Copies a file or directory of the container to the host, where it is the caller's. */
export async function copyOutToHost(subject: Subject, path: string, to: string, options: CopyOptions): Promise<void> {
  checkPath(path)
  checkHostPath(to, 'to')
  checkOptions<CopyOptions>(options, fileShapes.copy)
  const connection = await connectionOf(subject, options.signal)
  const found = await statFile(subject, path, { follow: true, options: { signal: options.signal } })
  const place = await openHostTarget(to, found.isDirectory() ? undefined : posix.basename(plainPath(path)))
  try {
    await through(options, {
      pack: named(subject, connection, path),
      packing: {
        op: 'file.copy',
        container: subject.container.id,
        what: 'out',
        path,
        ...(place.leaf !== undefined && { as: place.leaf }),
      },
      unpack: {
        connection,
        doing: `copy to ${quoted(to, 300)}`,
        request: { op: 'work', kind: 'tree.unpack', args: {} },
        fds: [place.directory.fd],
      },
    })
  } finally {
    place.directory.close()
  }
}

type Unpacking = Pick<End, 'connection' | 'doing' | 'request'> & { readonly fds?: readonly number[] }

interface Passage {
  readonly pack: Pick<End, 'connection' | 'doing'> & { readonly fds?: readonly number[] }
  readonly packing: End['request']
  readonly unpack: Unpacking
}

// One worker packs into a pipe from which another one unpacks: nothing of it comes by here.
async function through(options: CopyOptions, { pack, packing, unpack }: Passage): Promise<void> {
  await copying(options, async ({ signal, fail }) => {
    const { readEnd, writeEnd } = createPipe(pipeBytes)
    const filter = fileFilter(options.filter, fail)
    const from = run({
      ...pack,
      request: packing,
      fds: [...(pack.fds ?? []), writeEnd.fd, ...filter.fds],
      signal,
    })
    const to = run({ ...unpack, fds: [readEnd.fd, ...(unpack.fds ?? [])], signal })
    readEnd.close()
    writeEnd.close()
    filter.sent()
    try {
      await firstCause(from, to, fail)
    } finally {
      filter.close()
    }
  })
}

// Whoever fails takes the other one along, which then complains of an archive that is cut off, or of a reader that went away.
async function firstCause(from: Promise<unknown>, to: Promise<unknown>, fail: (error: unknown) => void): Promise<void> {
  from.catch(() => {})
  to.catch(fail)
  const [packed, unpacked] = await Promise.allSettled([from, to])
  const consequence = packed.status === 'rejected' && EngineError.is(packed.reason) && packed.reason.errno === 'EPIPE'
  if (packed.status === 'rejected' && !consequence) throw packed.reason
  if (unpacked.status === 'rejected') throw unpacked.reason
  if (packed.status === 'rejected') throw packed.reason
}

interface Copying {
  /** Aborts with the caller's signal, or when something failed. */
  readonly signal: AbortSignal
  fail(error: unknown): void
}

async function copying(options: CopyOptions, act: (copying: Copying) => Promise<void>): Promise<void> {
  const ended = new AbortController()
  const stopListening = onAbort(options.signal, (reason) => ended.abort(reason))
  const release = keepAlive()
  try {
    await act({ signal: ended.signal, fail: (error) => ended.abort(error) })
  } finally {
    release()
    stopListening()
  }
}

async function connectionOf({ context, container }: Subject, signal: AbortSignal | undefined): Promise<Connection> {
  signal?.throwIfAborted()
  requireLegal('use files of', container)
  return await linkTo(context, container)
}

function named({ container }: Subject, connection: Connection, path: string): Pick<End, 'connection' | 'doing'> {
  return { connection, doing: `copy ${quoted(path, 300)} of container '${container.name}'` }
}

function inside(subject: Subject, connection: Connection, path: string, options: CopyInOptions): Unpacking {
  const { owner, mode } = options
  return {
    connection,
    doing: `copy to ${quoted(path, 300)} in container '${subject.container.name}'`,
    request: {
      op: 'file.copy',
      container: subject.container.id,
      what: 'in',
      path,
      ...ownerText(owner),
      ...(mode !== undefined && { mode }),
    },
  }
}
