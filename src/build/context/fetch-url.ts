// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto'
import { open, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '../../errors/engine-error.js'
import { quoted } from '../../errors/printable.js'
import type { LayerContext } from '../../layer/layer-context.js'
import { type Digest, Digester, digestParts } from '../../oci/digest.js'
import { ingestPrefix } from '../../store/ingest.js'
import type { BuildContext } from './build-context.js'
import { openFileContext } from './open-file-context.js'

/** A file of the web that ADD names. */
export interface FetchedUrl {
  readonly url: string
  /** What the file is to be called. */
  readonly filename: string
  /** What its content has to be. */
  readonly checksum?: Digest | undefined
}

// Without progress for so long, a server is given up.
const patienceMs = 60_000

/**
 * Downloads a file, as a context of that one file. ERR_DIGEST_MISMATCH where it is another one than was asked for, ERR_ADD_FAILED where it
 * cannot be had. The caller holds a lease.
 */
export async function openUrlContext(
  context: LayerContext,
  { url, filename, checksum }: FetchedUrl,
  signal: AbortSignal,
): Promise<BuildContext> {
  const path = join(context.store.paths.tmp, `${ingestPrefix}${randomBytes(12).toString('hex')}`)
  const file = await open(path, 'wx+', 0o600)
  try {
    const answer = await request(url, signal)
    const digester = new Digester(checksum ? digestParts(checksum).algorithm : 'sha256')
    for await (const chunk of answer.chunks) {
      digester.update(chunk)
      await file.writeFile(chunk)
    }
    const digest = digester.digest()
    if (checksum && digest !== checksum) throw mismatch(url, digest, checksum)
    return await openFileContext(context, { file, name: filename, mtime: answer.modified }, signal)
  } finally {
    await file.close()
    await unlink(path).catch(() => {})
  }
}

interface Answer {
  readonly chunks: AsyncIterable<Uint8Array>
  /** Seconds since 1970. */
  readonly modified: number
}

async function request(url: string, signal: AbortSignal): Promise<Answer> {
  const idle = new AbortController()
  const give = () => idle.abort(new Error(`nothing came for ${patienceMs / 1000} s`))
  let timer = setTimeout(give, patienceMs)
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, idle.signal]), redirect: 'follow' })
    if (!response.ok) throw new Error(`the server answered ${response.status}`)
    const date = Date.parse(response.headers.get('last-modified') ?? '')
    return { chunks: watched(response.body), modified: Number.isNaN(date) ? 0 : Math.floor(date / 1000) }
  } catch (cause) {
    clearTimeout(timer)
    signal.throwIfAborted()
    throw failed(url, cause)
  }

  async function* watched(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of body ?? []) {
        clearTimeout(timer)
        timer = setTimeout(give, patienceMs)
        yield chunk
      }
    } catch (cause) {
      signal.throwIfAborted()
      throw failed(url, cause)
    } finally {
      clearTimeout(timer)
    }
  }
}

function failed(url: string, cause: unknown): EngineError {
  const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  return new EngineError({
    code: 'ERR_ADD_FAILED',
    message: `${quoted(url, 300)} cannot be fetched: ${reason instanceof Error ? reason.message : String(reason)}`,
    object: url,
    cause,
  })
}

function mismatch(url: string, digest: Digest, checksum: Digest): EngineError {
  return new EngineError({
    code: 'ERR_DIGEST_MISMATCH',
    message: `${quoted(url, 300)} is ${digest}, not ${checksum}`,
    object: url,
    hint: 'if the file is meant to have changed, write its new digest into --checksum',
  })
}
