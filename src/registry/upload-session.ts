// SPDX-License-Identifier: Apache-2.0
import type { FileHandle } from 'node:fs/promises'
import { EngineError } from '../errors/engine-error.js'
import type { Digest } from '../oci/digest.js'
import { type Answer, dropBody, headerOf } from './answer.js'
import type { Call, Endpoint } from './endpoint.js'
import type { RequestBody } from './exchange.js'
import { targetOf } from './follow.js'
import { scopeOf } from './manifests.js'
import { protocolFailure, type Subject } from './registry-failure.js'
import type { RepositoryRef } from './registry-host.js'

/** An upload that was begun. */
export interface Upload {
  readonly ref: RepositoryRef
  readonly digest: Digest
  readonly file: FileHandle
  readonly size: number
  readonly subject: Subject
  readonly signal: AbortSignal | undefined
  readonly onBytes: (count: number) => void
  /** The least a chunk must have, as the registry says; 0 if it does not. */
  readonly minChunkBytes: number
  /** Where the next request goes: each answer says it anew. */
  location: URL
  /** How many bytes `onBytes` was told of. */
  sent: number
}

const readBytes = 256 * 1024

/** Begins an upload. */
export async function startUpload(
  endpoint: Endpoint,
  ref: RepositoryRef,
  options: Pick<Upload, 'digest' | 'file' | 'size' | 'signal' | 'onBytes'>,
): Promise<Upload> {
  const subject: Subject = { kind: 'repository', name: `${ref.host}/${ref.repository}` }
  const answer = await endpoint.call({
    method: 'POST',
    path: `v2/${ref.repository}/blobs/uploads/`,
    scopes: [scopeOf(ref, 'pull,push')],
    expect: [202],
    subject,
    signal: options.signal,
  })
  await dropBody(answer)
  const least = Number(headerOf(answer, 'oci-chunk-min-length') ?? 0)
  const minChunkBytes = Number.isSafeInteger(least) && least > 0 ? least : 0
  return { ...options, ref, subject, minChunkBytes, sent: 0, location: nextLocation(endpoint, answer, endpoint.base) }
}

/** What all calls of an upload have. */
export function uploadCall(upload: Upload): Pick<Call, 'scopes' | 'subject' | 'signal'> {
  return { scopes: [scopeOf(upload.ref, 'pull,push')], subject: upload.subject, signal: upload.signal }
}

/** Where the upload goes on. */
export function nextLocation(endpoint: Endpoint, answer: Answer, base: URL): URL {
  const location = headerOf(answer, 'location')
  if (!location) throw protocolFailure(endpoint.name, 'it does not say where the upload goes on')
  return targetOf(location, base)
}

/** A part of the file as the body of a request. */
export function fileBody(
  upload: Upload,
  { start, size }: { readonly start: number; readonly size: number },
): RequestBody {
  let told = 0
  return {
    size,
    async *open() {
      // Another try sends it again.
      if (told > 0) countSent(upload, -told)
      told = 0
      for (let at = start; at < start + size; ) {
        const buffer = Buffer.allocUnsafe(Math.min(readBytes, start + size - at))
        const { bytesRead } = await upload.file.read(buffer, 0, buffer.byteLength, at)
        if (bytesRead === 0) throw shortened(upload)
        at += bytesRead
        yield buffer.subarray(0, bytesRead)
        told += bytesRead
        countSent(upload, bytesRead)
      }
    },
  }
}

/** Tells of bytes that were sent; a negative count of some that were not, after all. */
export function countSent(upload: Upload, count: number): void {
  upload.sent += count
  upload.onBytes(count)
}

function shortened({ digest, size }: Upload): EngineError {
  return new EngineError({
    code: 'ERR_DIGEST_MISMATCH',
    message: `${digest}: the file has less than the ${size} bytes that it should have`,
    step: 'upload',
    object: digest,
  })
}

/** The call that ends an upload: with the digest, and what is left of the blob. */
export function finish(upload: Upload): Call {
  return {
    ...uploadCall(upload),
    method: 'PUT',
    path: upload.location,
    query: { digest: upload.digest },
    headers: { 'content-type': 'application/octet-stream' },
    expect: [201, 204],
  }
}
