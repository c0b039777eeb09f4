// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto'
import { open, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '../../errors/engine-error.js'
import { quoted } from '../../errors/printable.js'
import type { LayerContext } from '../../layer/layer-context.js'
import { type Digest, Digester, digestParts } from '../../oci/digest.js'
import { ingestPrefix } from '../../store/ingest.js'
import { fileStep } from '../../store/store-failure.js'
import type { BuildContext } from './build-context.js'
import { openFileContext } from './open-file-context.js'
import type { WebFiles } from './web-files.js'

/** A file of the web that ADD names. */
export interface FetchedUrl {
  readonly url: string
  /** What the file is to be called. */
  readonly filename: string
  /** What its content has to be. */
  readonly checksum?: Digest | undefined
  readonly web: WebFiles
}

/**
 * Downloads a file, as a context of that one file. ERR_DIGEST_MISMATCH where it is another one than was asked for, ERR_ADD_FAILED where it
 * cannot be had. The caller holds a lease.
 */
export async function openUrlContext(
  context: LayerContext,
  { url, filename, checksum, web }: FetchedUrl,
  signal: AbortSignal,
): Promise<BuildContext> {
  const path = join(context.store.paths.tmp, `${ingestPrefix}${randomBytes(12).toString('hex')}`)
  const file = await open(path, 'wx+', 0o600)
  try {
    const { chunks, modified } = await web.get(url, signal)
    const digester = new Digester(checksum ? digestParts(checksum).algorithm : 'sha256')
    for await (const chunk of chunks) {
      digester.update(chunk)
      await fileStep('write', path, () => file.writeFile(chunk))
    }
    const digest = digester.digest()
    if (checksum && digest !== checksum) throw mismatch(url, digest, checksum)
    return await openFileContext(context, { file, name: filename, mtime: modified }, signal)
  } finally {
    await file.close()
    await unlink(path).catch(() => {})
  }
}

function mismatch(url: string, digest: Digest, checksum: Digest): EngineError {
  return new EngineError({
    code: 'ERR_DIGEST_MISMATCH',
    message: `${quoted(url, 300)} is ${digest}, not ${checksum}`,
    object: url,
    hint: 'if the file is meant to have changed, write its new digest into --checksum',
  })
}
