// SPDX-License-Identifier: Apache-2.0
import type { Readable } from 'node:stream'
import { connectionFailure } from './connection-failure.js'
import { protocolFailure, stalled } from './registry-failure.js'

/** What came back for a request; its body is to be read or dropped. */
export interface Answer {
  readonly status: number
  /** Where it came from, after redirects. */
  readonly url: URL
  /** Whether it came from where the request went: of an answer from elsewhere nothing is believed but its body. */
  readonly redirected: boolean
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Readable
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

/** The least that has to come in each `timeoutMs`, in bytes: less is no transfer, but a trick. */
const leastBytes = 1024
const documentFactor = 4

/** The value of a header; the first where there are several. */
export function headerOf(answer: Pick<Answer, 'headers'>, name: string): string | undefined {
  const value = answer.headers[name]
  return Array.isArray(value) ? value[0] : value
}

/** All values of a header. */
export function headersOf(answer: Pick<Answer, 'headers'>, name: string): readonly string[] {
  const value = answer.headers[name]
  return value === undefined ? [] : Array.isArray(value) ? value : [value]
}

/** The body in pieces; fails when it does not get on. Leaving the loop ends the connection. */
export async function* bodyOf(answer: Answer): AsyncGenerator<Buffer, void, void> {
  const { body, timeoutMs, url, signal } = answer
  let recent = 0
  let reading = true
  const timer = setInterval(() => {
    if (reading && recent < leastBytes) body.destroy(stalled(url.host, timeoutMs))
    recent = 0
  }, timeoutMs)
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      recent += chunk.byteLength
      // Time that the reader takes is not the sender's.
      reading = false
      yield chunk
      reading = true
    }
  } catch (error) {
    signal?.throwIfAborted()
    throw connectionFailure(error, url.host)
  } finally {
    clearInterval(timer)
  }
}

/** The whole body, of at most `limit` bytes. */
export async function readBody(answer: Answer, limit: number): Promise<Buffer> {
  const announced = Number(headerOf(answer, 'content-length') ?? 0)
  if (announced > limit) {
    void dropBody(answer)
    throw tooLarge(answer, limit)
  }
  const deadline = setTimeout(
    () => answer.body.destroy(stalled(answer.url.host, answer.timeoutMs * documentFactor)),
    answer.timeoutMs * documentFactor,
  )
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of bodyOf(answer)) {
      size += chunk.byteLength
      if (size > limit) throw tooLarge(answer, limit)
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  } finally {
    clearTimeout(deadline)
  }
}

/** Ends an answer whose body nobody wants; a short one is read, so that the connection can be used again. */
export async function dropBody(answer: Pick<Answer, 'body'>): Promise<void> {
  const body = answer.body as Readable & { dump?: (options: { limit: number }) => Promise<void> }
  body.on('error', () => {})
  const patience = setTimeout(() => body.destroy(), 1000)
  try {
    if (body.dump) await body.dump({ limit: 65_536 })
    else body.destroy()
  } catch {
    body.destroy()
  } finally {
    clearTimeout(patience)
  }
}

function tooLarge(answer: Answer, limit: number): Error {
  return protocolFailure(answer.url.host, `the answer is larger than ${limit} bytes`)
}
