// SPDX-License-Identifier: Apache-2.0
import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { EngineError } from '../errors/engine-error.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'

/** Bytes that come piece by piece. */
export type ByteStream = ReadableStream<Uint8Array> | Readable | AsyncIterable<Uint8Array>

/** A file by its path, or bytes that come piece by piece. */
export type ByteSource = string | ByteStream

/** Whether the value can be read from like a {@link ByteStream}. */
export function isByteStream(value: unknown): value is ByteStream {
  if (typeof value !== 'object' || value === null) return false
  return typeof Reflect.get(value, Symbol.asyncIterator) === 'function' || hasReader(value)
}

/** A regular file, open; a stream for everything else that can be read. A directory is ERR_INVALID_ARGUMENT. */
export async function openSource(source: ByteSource): Promise<FileHandle | ByteStream> {
  if (typeof source !== 'string') {
    if (isByteStream(source)) return source
    throw invalidArgument('source', `expected a path or a stream, got ${quoted(source)}`)
  }
  if (source === '' || source.includes('\0')) throw invalidArgument('source', `${quoted(source)} is not a path`)
  const file = await open(source, 'r').catch((cause: NodeJS.ErrnoException) => {
    throw cannotOpen(source, cause)
  })
  try {
    const stat = await file.stat().catch((cause: NodeJS.ErrnoException) => {
      throw cannotOpen(source, cause)
    })
    if (stat.isFile()) return file
    if (stat.isDirectory()) throw invalidArgument('source', `${quoted(source, 300)} is a directory`)
  } catch (error) {
    await file.close()
    throw error
  }
  // A FIFO or a device: it has no size, and may keep us waiting, as a stream does.
  return createReadStream('', { fd: file })
}

/** Calls `next` for each chunk; when the returned function is called, reading stops and the source is told so. */
export function readChunks(source: ByteStream): { next(): Promise<Uint8Array | null>; stop(): void } {
  const iterator = hasReader(source) ? readerIterator(source) : source[Symbol.asyncIterator]()
  return {
    next: async () => {
      const { value, done } = await iterator.next()
      if (done) return null
      if (value instanceof Uint8Array) return value
      throw invalidArgument('source', `the stream gave ${quoted(value)} where bytes were expected`)
    },
    stop: () => {
      // Never waited for: a source that hangs would take us along.
      if (source instanceof Readable) source.destroy()
      else iterator.return?.()?.then(undefined, () => {})
    },
  }
}

function hasReader(value: object): value is ReadableStream<Uint8Array> {
  return typeof Reflect.get(value, 'getReader') === 'function'
}

// Cancelling a reader also ends a read that is under way, which leaving an iterator does not.
function readerIterator(stream: ReadableStream<Uint8Array>): AsyncIterator<Uint8Array> {
  const reader = stream.getReader()
  return {
    next: async () => {
      const { value, done } = await reader.read()
      return done ? { value: undefined, done } : { value, done }
    },
    return: async () => {
      await reader.cancel()
      return { value: undefined, done: true }
    },
  }
}

function cannotOpen(path: string, cause: NodeJS.ErrnoException): EngineError {
  const missing = cause.code === 'ENOENT' || cause.code === 'ENOTDIR'
  return new EngineError({
    code: cause.code === 'EACCES' || cause.code === 'EPERM' ? 'ERR_PERMISSION' : 'ERR_INVALID_ARGUMENT',
    message: missing
      ? `source: there is no file ${quoted(path, 300)}`
      : `source: ${quoted(path, 300)} cannot be opened`,
    option: 'source',
    step: 'open source',
    errno: cause.code,
    object: path,
    cause,
  })
}
