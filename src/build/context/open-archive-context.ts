// SPDX-License-Identifier: Apache-2.0
import type { ByteSource } from '../../layer/byte-source.js'
import { feed } from '../../layer/feed.js'
import type { LayerContext } from '../../layer/layer-context.js'
import { beginLayer } from '../../layer/layer-staging.js'
import { work } from '../../layer/layer-work.js'
import type { BuildContext } from './build-context.js'

/**
 * The files of a tar (plain, gzip or zstd) as a context: a worker unpacks it below the store's tmp/, where it stays until the context is
 * closed or, after a crash, until the next opening of an engine. Owners, set-id bits and attributes of the archive do not count.
 * ERR_LAYER_INVALID or ERR_ARCHIVE_INVALID where it is no tar.
 */
export async function openArchiveContext(
  context: LayerContext,
  source: ByteSource,
  { name = 'archive', signal }: { readonly name?: string; readonly signal?: AbortSignal | undefined } = {},
): Promise<BuildContext> {
  // Without it, what is in tmp/ is taken for leftovers.
  const lease = await context.store.lease(signal)
  try {
    const staging = await beginLayer(context)
    try {
      const connection = await context.connection()
      await feed(source, signal, (input, aborted) =>
        work(
          connection,
          'tree.unpack',
          {},
          { fds: [input, staging.target.fd], signal: aborted, doing: `read context ${name}` },
        ),
      )
    } catch (error) {
      await staging.discard()
      throw error
    }
    let closed = false
    const close = async () => {
      if (closed) return
      closed = true
      await staging.discard()
      await lease.release()
    }
    return { root: staging.target, name, close }
  } catch (error) {
    await lease.release()
    throw error
  }
}
