// SPDX-License-Identifier: Apache-2.0
import { debugLog } from '../util/debug-log.js'
import { AddressGuard } from './address-guard.js'
import { dropBody } from './answer.js'
import type { BlobFile } from './blob-file.js'
import { appendBody } from './blob-request.js'
import { dialledHost, follow } from './follow.js'
import type { Registries } from './registries.js'
import type { RepositoryRef } from './registry-host.js'

/**
 * Fetches a layer that registries must not have from the URLs of its descriptor, https only. They are a stranger's words: nobody there
 * gets credentials, whatever it answers (CVE-2020-15157). False if none of them has it.
 */
export async function downloadForeign(
  registries: Registries,
  ref: RepositoryRef,
  { file, signal }: { readonly file: BlobFile; readonly signal: AbortSignal | undefined },
): Promise<boolean> {
  const { transport } = registries
  const registry = registries.origin(ref, {}).base
  for (const text of file.blob.urls ?? []) {
    const url = new URL(text)
    if (url.protocol !== 'https:' || url.username !== '') continue
    try {
      const guard = await AddressGuard.of(dialledHost(transport, registry))
      const answer = await follow(transport, {
        method: 'GET',
        url,
        headers: { 'accept-encoding': 'identity' },
        guard,
        signal,
      })
      if (answer.status !== 200) {
        await dropBody(answer)
        continue
      }
      await file.restart()
      await appendBody(file, answer)
      if (file.remaining === 0) return true
    } catch (error) {
      signal?.throwIfAborted()
      debugLog('registry: %s: %s', url.host, error instanceof Error ? error.message : error)
    }
  }
  return false
}
