// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { composeInvalid } from './compose-error.js'

/** A file that is read: at most so many bytes, and a regular file, since a FIFO or a device would never end. */
export interface TextFile {
  readonly path: string
  readonly maxBytes: number
  readonly signal?: AbortSignal | undefined
}

/** The text of the file, without a byte order mark. Rejects with ERR_COMPOSE_INVALID, whose `cause` has the code of the system's error. */
export async function readText({ path, maxBytes, signal }: TextFile): Promise<string> {
  signal?.throwIfAborted()
  let file: FileHandle
  try {
    // Not blocking: opening a FIFO would wait for who writes.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch (cause) {
    throw composeInvalid({ file: path, problem: `cannot be read (${(cause as NodeJS.ErrnoException).code})`, cause })
  }
  try {
    const stats = await file.stat()
    if (!stats.isFile()) throw composeInvalid({ file: path, problem: 'is not a regular file' })
    if (stats.size > maxBytes) throw tooLong(path, maxBytes)
    return decode(await readUpTo(file, maxBytes, path), path)
  } finally {
    await file.close()
  }
}

// Files of /proc have no size.
async function readUpTo(file: FileHandle, maxBytes: number, path: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let total = 0
  for (;;) {
    const { bytesRead, buffer } = await file.read({ buffer: Buffer.allocUnsafe(65_536) })
    if (bytesRead === 0) return Buffer.concat(chunks)
    total += bytesRead
    if (total > maxBytes) throw tooLong(path, maxBytes)
    chunks.push(buffer.subarray(0, bytesRead))
  }
}

const tooLong = (path: string, maxBytes: number) =>
  composeInvalid({
    file: path,
    problem: `is longer than ${maxBytes} bytes`,
    hint: 'keep long contents in files of their own',
  })

function decode(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw composeInvalid({ file: path, problem: 'is not UTF-8', cause })
  }
}
