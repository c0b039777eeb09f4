// SPDX-License-Identifier: Apache-2.0
import { onAbort } from '../util/abort.js'
import { type Answer, bodyOf, dropBody } from './answer.js'
import type { BlobFile } from './blob-file.js'
import { appendBody, type BlobSource, type BlobSpan, requestSpan } from './blob-request.js'
import { protocolFailure } from './registry-failure.js'
import { worthRetrying } from './retry-verdict.js'

/** Blobs with at least that much to come are asked for in parts. */
export const partsFrom = 32 * 1024 * 1024
const partBytes = 8 * 1024 * 1024
const width = 4

/** How many parts may wait in memory for those before them, over all downloads of a client. */
export class PartBudget {
  #free = 8

  take(): boolean {
    if (this.#free === 0) return false
    this.#free--
    return true
  }

  give(): void {
    this.#free++
  }
}

// Only the first of the open parts is written as it comes; the others wait in memory, so that the file has no holes whatever happens.
class Part {
  readonly span: Required<BlobSpan> & { readonly end: number }
  readonly done: Promise<void>
  #chunks: Buffer[] = []
  #isFirst = false
  readonly #file: BlobFile

  constructor(file: BlobFile, span: { readonly start: number; readonly end: number }, answer: () => Promise<Answer>) {
    this.span = span
    this.#file = file
    this.done = this.#run(answer)
    this.done.catch(() => {})
  }

  // It is this one's turn to write.
  async finish(): Promise<void> {
    this.#isFirst = true
    try {
      await this.done
    } finally {
      await this.#flush()
    }
  }

  async #run(answer: () => Promise<Answer>): Promise<void> {
    let missing = this.span.end + 1 - this.span.start
    for await (const chunk of bodyOf(await answer())) {
      missing -= chunk.byteLength
      if (missing < 0) throw this.#file.wrongSize('more')
      this.#chunks.push(chunk)
      if (this.#isFirst && (this.#chunks.length >= 8 || missing === 0)) await this.#flush()
    }
    if (missing > 0) throw worthRetrying(this.#file.wrongSize('less'))
  }

  async #flush(): Promise<void> {
    const chunks = this.#chunks
    this.#chunks = []
    await this.#file.append(chunks)
  }
}

/**
 * Downloads the rest of a blob, several parts at a time. A registry that does not do ranges sends all of it at the first request: then
 * that is taken.
 */
export async function downloadParts(
  source: BlobSource,
  budget: PartBudget,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { file } = source
  const stop = new AbortController()
  const stopListening = onAbort(signal, (reason) => stop.abort(reason))
  const open: Part[] = []
  let next = file.position
  const spanAt = (start: number) => ({ start, end: Math.min(start + partBytes, file.blob.size) - 1 })
  const add = (answer: () => Promise<Answer>) => {
    const part = new Part(file, spanAt(next), answer)
    next = part.span.end + 1
    open.push(part)
  }
  try {
    const first = await requestSpan(source, spanAt(next), stop.signal)
    if (first.status !== 206) return await takeWhole(source, first)
    add(async () => first)
    while (open.length > 0) {
      while (open.length < width && next < file.blob.size && budget.take()) {
        const span = spanAt(next)
        add(async () => await requirePart(source, await requestSpan(source, span, stop.signal)))
        // Whatever becomes of it, its room is free when it is over.
        open
          .at(-1)
          ?.done.finally(() => budget.give())
          .catch(() => {})
      }
      await open[0]?.finish()
      open.shift()
      if (open.length === 0 && next < file.blob.size) {
        const span = spanAt(next)
        add(async () => await requirePart(source, await requestSpan(source, span, stop.signal)))
      }
    }
  } finally {
    stopListening()
    stop.abort(new Error('the download ended'))
    await Promise.allSettled(open.map(({ done }) => done))
  }
}

/** Takes an answer that has all of the blob, or none: the file begins again. */
export async function takeWhole({ file }: BlobSource, answer: Answer): Promise<void> {
  if (answer.status === 416) await dropBody(answer)
  await file.restart()
  if (answer.status === 200) await appendBody(file, answer)
}

async function requirePart({ endpoint }: BlobSource, answer: Answer): Promise<Answer> {
  if (answer.status === 206) return answer
  await dropBody(answer)
  throw protocolFailure(endpoint.name, 'a part of the blob is refused, though others came')
}
