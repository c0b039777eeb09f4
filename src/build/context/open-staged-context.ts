// SPDX-License-Identifier: Apache-2.0
import type { ByteSource } from '../../layer/byte-source.js'
import { feed } from '../../layer/feed.js'
import type { LayerContext } from '../../layer/layer-context.js'
import { beginLayer } from '../../layer/layer-staging.js'
import { work } from '../../layer/layer-work.js'
import type { BuildContext } from './build-context.js'

/** Unpacks a tar (plain, gzip or zstd) over what is there. */
export type Unpack = (tar: ByteSource) => Promise<void>

/** What a context of our own making is called, and what ends the making. */
export interface StagedContext {
  readonly name: string
  readonly signal?: AbortSignal | undefined
}

/**
 * A context of what `fill` unpacks: a worker does so below the store's tmp/, where it stays until the context is closed or, after a crash, until the next opening of
 * an engine. Owners, set-id bits and attributes of archives do not count. ERR_LAYER_INVALID or ERR_ARCHIVE_INVALID where one is no tar.
 */
export async function openStagedContext(
  context: LayerContext,
  { name, signal }: StagedContext,
  fill: (unpack: Unpack) => Promise<void>,
): Promise<BuildContext> {
  // Without it, what is in tmp/ is taken for leftovers.
  const lease = await context.store.lease(signal)
  try {
    const staging = await beginLayer(context)
    try {
      const connection = await context.connection()
      await fill((tar) =>
        feed(tar, signal, async (input, aborted) => {
          const call = { fds: [input, staging.target.fd], signal: aborted, doing: `read context ${name}` }
          await work(connection, 'tree.unpack', {}, call)
        }),
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
