// SPDX-License-Identifier: Apache-2.0
import type { LayerContext } from '../../layer/layer-context.js'
import type { BuildContext } from './build-context.js'
import { type FetchedFile, fetchFile } from './fetch-file.js'
import { openFileContext } from './open-file-context.js'

/** A file of the web that ADD names. */
export interface FetchedUrl extends FetchedFile {
  /** What the file is to be called. */
  readonly filename: string
}

/** Downloads a file as a context of that one file, failing as {@link fetchFile} does. The caller holds a lease. */
export async function openUrlContext(
  context: LayerContext,
  { filename, ...wanted }: FetchedUrl,
  signal: AbortSignal,
): Promise<BuildContext> {
  return await fetchFile(context, wanted, signal, ({ file, modified }) =>
    openFileContext(context, { file, name: filename, mtime: modified }, signal),
  )
}
