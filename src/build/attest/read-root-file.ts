// SPDX-License-Identifier: Apache-2.0
import type { ImageContext } from '../../image/image-context.js'
import { createPipe } from '../../native/descriptor.js'
import { Output } from '../../native/output.js'
import { layerName } from '../../store/store-paths.js'
import type { Root } from '../solver/work.js'

/**
 * The content of a file as a root shows it, links followed inside; null where there is no such file, or a larger one. Whoever reads holds a
 * lease.
 */
export async function readRootFile(
  context: ImageContext,
  root: Root,
  { path, maxBytes }: { readonly path: string; readonly maxBytes: number },
  signal: AbortSignal,
): Promise<Buffer | null> {
  const layers = root.layers.filter(({ isEmpty }) => !isEmpty).map(({ diffId }) => layerName(diffId))
  const connection = await context.connection()
  const { readEnd, writeEnd } = createPipe()
  const output = new Output(readEnd).ref()
  const options = { fds: [writeEnd.fd], signal, failure: { doing: `read ${path} of the result` } }
  const reading = connection.request('build.read', { layers, path, maxBytes }, options)
  writeEnd.close()
  reading.catch((error) => output.destroy(error))
  const chunks: Uint8Array[] = []
  for await (const chunk of output) chunks.push(chunk)
  const { result } = await reading
  return result.size === null ? null : Buffer.concat(chunks)
}
