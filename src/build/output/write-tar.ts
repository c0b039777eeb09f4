// SPDX-License-Identifier: Apache-2.0
import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ImageContext } from '../../image/image-context.js'
import type { SaveTarget } from '../../image/save-images.js'
import { beginSave } from '../../image/save-temporary.js'
import { createPipe } from '../../native/descriptor.js'
import { Output } from '../../native/output.js'
import { fileStep } from '../../store/store-failure.js'
import { type RootFiles, type WriteTar, withStackTar } from './stack-tar.js'

/** Writes a root as a tar to a path, where it appears when it is whole, or to a stream, which fails where the tar does. */
export async function writeRootTar(
  context: ImageContext,
  files: RootFiles,
  target: SaveTarget,
  signal: AbortSignal,
): Promise<void> {
  await withStackTar(context, files, signal, async (write) => {
    if (typeof target === 'string') return await writeFile(resolve(target), write, signal)
    const chunks = Readable.from(chunksOf(write, signal), { objectMode: false })
    await pipeline(chunks, target as NodeJS.WritableStream, { signal }).catch((error) => {
      signal.throwIfAborted()
      throw error
    })
  })
}

async function writeFile(path: string, write: WriteTar, signal: AbortSignal): Promise<void> {
  await fileStep('write tar', path, async () => {
    const temporary = await beginSave(path, 'file')
    try {
      const file = await open(temporary.path, 'r+')
      await write(file.fd, signal).finally(() => file.close())
      await temporary.finish()
    } finally {
      await temporary.discard()
    }
  })
}

// It ends only when all of it was written: half a tar would look like a whole one.
async function* chunksOf(write: WriteTar, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
  const ended = new AbortController()
  const { readEnd, writeEnd } = createPipe()
  const output = new Output(readEnd).ref()
  const whole = write(writeEnd.fd, AbortSignal.any([signal, ended.signal]))
  writeEnd.close()
  whole.catch((error) => output.destroy(error))
  try {
    for await (const chunk of output) yield chunk
    await whole
  } finally {
    ended.abort(new Error('nobody reads the tar'))
    output.destroy()
    await whole.catch(() => {})
  }
}
