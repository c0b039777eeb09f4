// SPDX-License-Identifier: Apache-2.0
import { delay } from '../util/delay.js'
import { type Answer, dropBody, headerOf } from './answer.js'
import { uploadedBytes } from './content-range.js'
import type { Endpoint } from './endpoint.js'
import { protocolFailure } from './registry-failure.js'
import { retryVerdict } from './retry-verdict.js'
import { countSent, fileBody, finish, nextLocation, type Upload, uploadCall } from './upload-session.js'

const fruitlessTries = 5
const refusals = [400, 404, 405, 411, 415, 416, 501]

/** Sends the blob in chunks and ends the upload. null: it is there; else the status by which the first chunk was refused. */
export async function sendChunks(endpoint: Endpoint, upload: Upload, chunkBytes: number): Promise<number | null> {
  const length = Math.max(chunkBytes, upload.minChunkBytes)
  let position = 0
  let fruitless = 0
  while (position < upload.size) {
    const before = position
    const size = Math.min(length, upload.size - position)
    try {
      const answer = await sendChunk(endpoint, upload, { start: position, size })
      if (answer.status !== 202 && position === 0) return answer.status
      position = answer.status === 202 ? position + size : await resumeAt(endpoint, upload)
      fruitless = position > before ? 0 : fruitless + 1
      if (fruitless >= fruitlessTries)
        throw protocolFailure(endpoint.name, `an upload is refused with ${answer.status}, again and again`)
    } catch (error) {
      upload.signal?.throwIfAborted()
      const verdict = retryVerdict(error)
      if (verdict === false || ++fruitless >= fruitlessTries) throw error
      await delay(typeof verdict === 'number' ? verdict : 200 * 2 ** fruitless, upload.signal)
      position = await resumeAt(endpoint, upload)
    }
  }
  await dropBody(await endpoint.call(finish(upload)))
  return null
}

async function sendChunk(
  endpoint: Endpoint,
  upload: Upload,
  part: { readonly start: number; readonly size: number },
): Promise<Answer> {
  const answer = await endpoint.call({
    ...uploadCall(upload),
    method: 'PATCH',
    path: upload.location,
    headers: {
      'content-type': 'application/octet-stream',
      'content-range': `${part.start}-${part.start + part.size - 1}`,
    },
    body: fileBody(upload, part),
    expect: [202, ...refusals],
    attempts: 1,
  })
  await dropBody(answer)
  if (answer.status === 202) {
    upload.location = nextLocation(endpoint, answer, upload.location)
    const arrived = uploadedBytes(headerOf(answer, 'range'))
    if (headerOf(answer, 'range') !== undefined && arrived !== part.start + part.size)
      throw protocolFailure(endpoint.name, 'it has not taken all of a chunk')
  }
  return answer
}

// What has arrived after all, so that only the rest is sent again.
async function resumeAt(endpoint: Endpoint, upload: Upload): Promise<number> {
  const answer = await endpoint.call({ ...uploadCall(upload), method: 'GET', path: upload.location, expect: [204] })
  await dropBody(answer)
  if (headerOf(answer, 'location')) upload.location = nextLocation(endpoint, answer, upload.location)
  const arrived = uploadedBytes(headerOf(answer, 'range'))
  if (arrived === null || arrived > upload.size)
    throw protocolFailure(endpoint.name, 'the status of an upload makes no sense')
  countSent(upload, arrived - upload.sent)
  return arrived
}
