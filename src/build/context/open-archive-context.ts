// SPDX-License-Identifier: Apache-2.0
import type { ByteSource } from '../../layer/byte-source.js'
import type { LayerContext } from '../../layer/layer-context.js'
import type { BuildContext } from './build-context.js'
import { openStagedContext } from './open-staged-context.js'

/** The files of a tar (plain, gzip or zstd) as a context, as {@link openStagedContext} has them. */
export async function openArchiveContext(
  context: LayerContext,
  source: ByteSource,
  { name = 'archive', signal }: { readonly name?: string; readonly signal?: AbortSignal | undefined } = {},
): Promise<BuildContext> {
  return await openStagedContext(context, { name, signal }, (unpack) => unpack(source))
}
