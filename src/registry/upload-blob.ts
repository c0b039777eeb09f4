// SPDX-License-Identifier: Apache-2.0
import type { FileHandle } from 'node:fs/promises'
import { EngineError } from '../errors/engine-error.js'
import type { Descriptor } from '../oci/descriptor.js'
import { delay } from '../util/delay.js'
import { dropBody } from './answer.js'
import { checkDigest } from './blob-queries.js'
import type { Endpoint } from './endpoint.js'
import type { RepositoryRef } from './registry-host.js'
import { retryVerdict } from './retry-verdict.js'
import { sendChunks } from './upload-chunks.js'
import { fileBody, finish, startUpload, type Upload } from './upload-session.js'

/** What is uploaded, and how. */
export interface UploadPlan {
  readonly blob: Descriptor
  readonly open: () => Promise<FileHandle>
  /** Larger blobs go in pieces of that many bytes. */
  readonly chunkBytes: number
  readonly onBytes: (count: number) => void
  readonly signal: AbortSignal | undefined
}

const tries = 4
// What registries answer that take a blob only as a whole.
const noChunks = new Set([400, 404, 405, 411, 415, 416, 501])

/**
 * Uploads a blob: in one PUT, or above a certain size in chunks, which go on where they stopped. A registry that does not take chunks gets
 * it as a whole.
 */
export async function uploadBlob(endpoint: Endpoint, ref: RepositoryRef, plan: UploadPlan): Promise<void> {
  const digest = checkDigest(plan.blob.digest)
  let inChunks = plan.blob.size > plan.chunkBytes
  for (let attempt = 1; ; attempt++) {
    let sent = 0
    const onBytes = (count: number) => {
      sent += count
      plan.onBytes(count)
    }
    const file = await plan.open()
    try {
      const upload = await startUpload(endpoint, ref, {
        digest,
        file,
        signal: plan.signal,
        onBytes,
        size: plan.blob.size,
      })
      if (!inChunks) return await sendWhole(endpoint, upload)
      const status = await sendChunks(endpoint, upload, plan.chunkBytes)
      if (status === null) return
      if (!noChunks.has(status)) throw refusedChunk(endpoint, upload, status)
      inChunks = false
      attempt--
    } catch (error) {
      plan.signal?.throwIfAborted()
      const verdict = retryVerdict(error)
      if (verdict === false || attempt >= tries) throw error
      await delay(typeof verdict === 'number' ? verdict : 200 * 2 ** attempt, plan.signal)
    } finally {
      await file.close()
    }
    // All of it goes once more.
    plan.onBytes(-sent)
  }
}

async function sendWhole(endpoint: Endpoint, upload: Upload): Promise<void> {
  const body = fileBody(upload, { start: 0, size: upload.size })
  await dropBody(await endpoint.call({ ...finish(upload), body, attempts: 1 }))
}

function refusedChunk(endpoint: Endpoint, upload: Upload, status: number): EngineError {
  return new EngineError({
    code: 'ERR_REGISTRY_FAILED',
    message: `${upload.subject.name}: ${endpoint.name} answered ${status} to a part of an upload`,
    step: 'upload',
    object: upload.subject.name,
  })
}
