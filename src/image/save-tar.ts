// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { buildTar, tarEnd, tarFileHeader, tarPadding } from '../layer/build-tar.js'
import type { Digest } from '../oci/digest.js'
import type { Store } from '../store/store.js'
import type { SavedFile } from './save-content.js'

const chunkBytes = 1024 * 1024

/** The files as a tar, piece by piece: the same files make the same bytes. */
export async function* tarOf(store: Store, files: readonly SavedFile[]): AsyncGenerator<Buffer, void> {
  const folders = new Set(files.flatMap(({ path }) => parentsOf(path)))
  const directories = [...folders].map((path) => ({ type: 'directory' as const, path, mode: 0o755 }))
  yield withoutEnd(buildTar(directories))
  for (const file of files) {
    const size = 'blob' in file ? file.size : Buffer.byteLength(file.data)
    yield tarFileHeader({ path: file.path, mode: 0o644, size })
    if ('blob' in file) yield* blobChunks(store, file.blob, file.size)
    else yield Buffer.from(file.data)
    yield tarPadding(size)
  }
  yield tarEnd()
}

function withoutEnd(tar: Buffer): Buffer {
  return tar.subarray(0, tar.length - tarEnd().length)
}

function parentsOf(path: string): readonly string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, at) => parts.slice(0, at + 1).join('/'))
}

async function* blobChunks(store: Store, digest: Digest, size: number): AsyncGenerator<Buffer, void> {
  const file = await store.blobs.open(digest)
  let left = size
  try {
    while (file && left > 0) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(Math.min(chunkBytes, left)), {
        position: size - left,
      })
      if (bytesRead === 0) break
      left -= bytesRead
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await file?.close()
  }
  if (left === 0 && file) return
  throw new EngineError({
    code: 'ERR_STORE_CORRUPT',
    message: `${digest} is not in the store, or shorter than its ${size} bytes`,
    object: digest,
    hint: 'pull, load or import the image again',
  })
}
