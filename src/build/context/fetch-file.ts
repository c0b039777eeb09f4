// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto'
import { type FileHandle, open, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '../../errors/engine-error.js'
import { quoted } from '../../errors/printable.js'
import type { LayerContext } from '../../layer/layer-context.js'
import { type Digest, Digester, digestParts } from '../../oci/digest.js'
import { ingestPrefix } from '../../store/ingest.js'
import { fileStep } from '../../store/store-failure.js'
import { withoutCredentials } from '../git/git-address.js'
import type { WebFiles } from './web-files.js'

/** A file of the web that is wanted. */
export interface FetchedFile {
  readonly url: string
  /** What its content has to be. */
  readonly checksum?: Digest | undefined
  readonly web: WebFiles
}

/** A file that was downloaded, for as long as it is used. */
export interface DownloadedFile {
  /** Open, to be read. */
  readonly file: FileHandle
  /** Of Last-Modified: seconds since 1970; 0 where there is none. */
  readonly modified: number
}

/**
 * Downloads a file below the store's tmp/, has it used, and removes it. ERR_DIGEST_MISMATCH where it is another one than was asked for, ERR_ADD_FAILED where it
 * cannot be had. The caller holds a lease.
 */
export async function fetchFile<T>(
  context: LayerContext,
  { url, checksum, web }: FetchedFile,
  signal: AbortSignal,
  use: (downloaded: DownloadedFile) => Promise<T>,
): Promise<T> {
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
    return await use({ file, modified })
  } finally {
    await file.close()
    await unlink(path).catch(() => {})
  }
}

function mismatch(url: string, digest: Digest, checksum: Digest): EngineError {
  const address = withoutCredentials(url)
  return new EngineError({
    code: 'ERR_DIGEST_MISMATCH',
    message: `${quoted(address, 300)} is ${digest}, not ${checksum}`,
    object: address,
    hint: 'if the file is meant to have changed, write its new digest into --checksum',
  })
}
