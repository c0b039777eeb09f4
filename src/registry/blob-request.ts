// SPDX-License-Identifier: Apache-2.0
import { type Answer, bodyOf, dropBody, headerOf } from './answer.js'
import type { BlobFile } from './blob-file.js'
import { parseContentRange } from './content-range.js'
import type { Endpoint } from './endpoint.js'
import { scopeOf } from './manifests.js'
import { protocolFailure } from './registry-failure.js'
import type { RepositoryRef } from './registry-host.js'

/** A blob of a repository, from one endpoint. */
export interface BlobSource {
  readonly endpoint: Endpoint
  readonly ref: RepositoryRef
  readonly file: BlobFile
}

/** The bytes that are asked for, the last one included; without `end` up to the blob's end. */
export interface BlobSpan {
  readonly start: number
  readonly end?: number | undefined
}

const batchBytes = 512 * 1024

/**
 * Asks for a part of a blob. What comes is 200 with all of it, or 206 with what was asked for (`Content-Range` is checked in full; less at
 * the end is allowed where no end was named), or 416. One try: the caller goes on from where it is.
 */
export async function requestSpan(
  source: BlobSource,
  span: BlobSpan,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const { endpoint, ref, file } = source
  const { digest, size } = file.blob
  const whole = span.start === 0 && span.end === undefined
  const answer = await endpoint.call({
    method: 'GET',
    path: `v2/${ref.repository}/blobs/${digest}`,
    headers: { 'accept-encoding': 'identity', ...(!whole && { range: `bytes=${span.start}-${span.end ?? ''}` }) },
    scopes: [scopeOf(ref, 'pull')],
    expect: whole ? [200] : [200, 206, 416],
    subject: { kind: 'blob', name: `${ref.host}/${ref.repository}@${digest}` },
    signal,
    attempts: 1,
  })
  const problem = problemOf(answer, span, size)
  if (problem === null) return answer
  await dropBody(answer)
  throw problem === 'size'
    ? file.wrongSize(lengthOf(answer) > size ? 'more' : 'less')
    : protocolFailure(endpoint.name, problem)
}

/** Writes what an answer brings to where the file ends. */
export async function appendBody(file: BlobFile, answer: Answer): Promise<void> {
  let batch: Buffer[] = []
  let size = 0
  const flush = async () => {
    const chunks = batch
    batch = []
    size = 0
    await file.append(chunks)
  }
  try {
    for await (const chunk of bodyOf(answer)) {
      batch.push(chunk)
      size += chunk.byteLength
      if (size >= batchBytes) await flush()
    }
  } finally {
    // Also what came before a failure: the next try goes on behind it.
    await flush()
  }
}

const lengthOf = (answer: Answer) => Number(headerOf(answer, 'content-length') ?? Number.NaN)

function problemOf(answer: Answer, span: BlobSpan, size: number): string | null {
  const encoding = headerOf(answer, 'content-encoding') ?? 'identity'
  if (encoding !== 'identity' && encoding !== '') return `the blob comes with the content encoding ${encoding}`
  if (answer.status === 416) return span.start > 0 ? null : 'a range of the blob is refused'
  if (answer.status === 200) return Number.isNaN(lengthOf(answer)) || lengthOf(answer) === size ? null : 'size'
  const range = parseContentRange(headerOf(answer, 'content-range'))
  if (range === null) return 'a part of the blob comes without a usable Content-Range'
  if (range.total !== null && range.total !== size) return 'size'
  const fits = span.end === undefined ? range.end < size : range.end === span.end
  return range.start === span.start && fits ? null : 'another part of the blob comes than was asked for'
}
