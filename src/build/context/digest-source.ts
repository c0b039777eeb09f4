// SPDX-License-Identifier: Apache-2.0
import type { LayerContext } from '../../layer/layer-context.js'
import { type CopySource, sourceArguments } from './copy-source.js'
import type { SourceSelection, SourceState } from './source-selection.js'

/**
 * What a selection is now. Files whose device, inode, size and times are known from before are not read again. ERR_FILE_NOT_FOUND for a source
 * without wildcards that is not there or left out, ERR_CONTEXT_CHANGED where a file changes while it is read, ERR_INVALID_ARGUMENT for a
 * malformed pattern.
 */
export async function digestSource(
  context: LayerContext,
  source: CopySource,
  selection: SourceSelection,
  signal?: AbortSignal,
): Promise<SourceState> {
  const fds: number[] = []
  const args = sourceArguments(source, selection, fds)
  const connection = await context.connection()
  const { result } = await connection.request('build.digest', args, {
    fds,
    signal,
    failure: { doing: 'read the sources' },
  })
  return result
}
