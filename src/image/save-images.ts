// SPDX-License-Identifier: Apache-2.0
import { createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import { fileStep } from '../store/store-failure.js'
import { check, checkOptions, type Shape } from '../util/validate.js'
import { getStoredAgain } from './find-image.js'
import type { ImageContext } from './image-context.js'
import type { ImageRecord } from './image-record.js'
import { contentToSave, type SaveFormat } from './save-content.js'
import { saveDirectory } from './save-directory.js'
import { tarOf } from './save-tar.js'
import { beginSave } from './save-temporary.js'

/** Where images are saved to: a path, or a stream that takes the tar and is ended after it. */
export type SaveTarget = string | Writable | WritableStream<Uint8Array>

/** How to save images. */
export interface SaveOptions {
  /**
   * `'oci'`, the default: an OCI image layout, which every tool reads. `'docker'`: what `docker load` of any version takes.
   * Layers stay as they are compressed, so that digests survive.
   */
  readonly format?: SaveFormat | undefined
  /**
   * Whether the path is to be a tar rather than a directory. By default `'docker'` always is, and `'oci'` where the path ends
   * in `.tar`. A directory that is an OCI layout already gets the images beside those that it has.
   */
  readonly archive?: boolean | undefined
  /** Aborted: what was written is removed, and the promise rejects with the reason. */
  readonly signal?: AbortSignal | undefined
}

const shape: Shape<SaveOptions> = {
  format: check.oneOf('oci', 'docker'),
  archive: check.boolean,
  signal: check.signal,
}

/**
 * Writes images with all their names to a directory, a tar or a stream. The same images make the same bytes. A file appears when
 * it is whole, and nothing is left of a failure. ERR_UNSUPPORTED for the image of the host.
 */
export async function saveImages(
  context: ImageContext,
  images: readonly ImageRecord[],
  target: SaveTarget,
  options: SaveOptions = {},
): Promise<void> {
  checkOptions<SaveOptions>(options, shape)
  const { format = 'oci', signal } = options
  signal?.throwIfAborted()
  const archive = options.archive ?? (format === 'docker' || typeof target !== 'string' || target.endsWith('.tar'))
  checkTarget(target)
  if (!archive && (format === 'docker' || typeof target !== 'string'))
    throw invalidArgument('archive', 'only an OCI layout can be a directory, and only at a path')
  if (typeof target === 'string') await requireParent(target)
  if (images.length === 0) throw invalidArgument('images', 'there is nothing to save')
  const lease = await context.store.lease(signal)
  try {
    const distinct = [...new Map(images.map((image) => [image.entry, image])).values()]
    const stored = await Promise.all(distinct.map((image) => getStoredAgain(context, image)))
    const content = await contentToSave(context.store, stored, format)
    const tar = () =>
      Readable.from(tarOf(context.store, content.files), { objectMode: false, highWaterMark: 1024 * 1024 })
    if (typeof target !== 'string') await writeStream(target, tar(), signal)
    else if (archive) await writeFile(resolve(target), tar(), signal)
    else
      await fileStep('save image', target, () =>
        saveDirectory(resolve(target), { store: context.store, content, signal }),
      )
  } finally {
    await lease.release()
  }
}

async function requireParent(target: string): Promise<void> {
  const parent = dirname(resolve(target))
  const found = await stat(parent).catch(() => null)
  if (!found?.isDirectory()) throw invalidArgument('target', `there is no directory ${quoted(parent, 300)}`)
}

function checkTarget(target: unknown): void {
  if (typeof target === 'string' && target !== '' && !target.includes('\0')) return
  if (target instanceof Writable || target instanceof WritableStream) return
  if (typeof target === 'object' && target !== null && typeof Reflect.get(target, 'pipe') === 'function') return
  throw invalidArgument('target', `expected a path or a stream to write to, got ${quoted(target)}`)
}

async function writeStream(
  target: Exclude<SaveTarget, string>,
  tar: Readable,
  signal: AbortSignal | undefined,
): Promise<void> {
  await pipeline(tar, target as NodeJS.WritableStream, { signal }).catch((error) => {
    signal?.throwIfAborted()
    throw error
  })
}

async function writeFile(path: string, tar: Readable, signal: AbortSignal | undefined): Promise<void> {
  await fileStep('save image', path, async () => {
    const temporary = await beginSave(path, 'file')
    try {
      await writeStream(createWriteStream(temporary.path, { flags: 'r+' }), tar, signal)
      await temporary.finish()
    } finally {
      await temporary.discard()
    }
  })
}
