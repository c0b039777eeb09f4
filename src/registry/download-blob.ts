// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import type { Descriptor } from '../oci/descriptor.js'
import { isForeignLayerType } from '../oci/media-types.js'
import { delay } from '../util/delay.js'
import { BlobFile, type BlobTarget } from './blob-file.js'
import { appendBody, type BlobSource, requestSpan } from './blob-request.js'
import { downloadForeign } from './download-foreign.js'
import { downloadParts, type PartBudget, partsFrom, takeWhole } from './download-parts.js'
import type { EndpointQuery, Registries } from './registries.js'
import type { RepositoryRef } from './registry-host.js'
import { longestPauseMs, retryVerdict, worthRetrying } from './retry-verdict.js'

/** Tries in a row that bring (almost) nothing until a registry is given up. */
const fruitlessTries = 5
/** What a try must bring to count as progress, in bytes. */
const progressBytes = 64 * 1024

/** Brings a blob into a file: from mirrors, then the registry, going on where the one before stopped. */
export async function downloadBlob(
  registries: Registries,
  ref: RepositoryRef,
  options: { readonly blob: Descriptor; readonly context: EndpointQuery & BlobTarget; readonly budget: PartBudget },
): Promise<void> {
  const { blob, context, budget } = options
  const file = new BlobFile(blob, context)
  if (file.remaining < 0) await file.restart()
  try {
    await registries.fromFirst(ref, context, (endpoint) => drain({ endpoint, ref, file }, budget, context.signal))
  } catch (error) {
    const mayBeElsewhere = isForeignLayerType(blob.mediaType) && EngineError.is(error, 'ERR_REGISTRY_BLOB_UNKNOWN')
    if (!mayBeElsewhere || !(await downloadForeign(registries, ref, { file, signal: context.signal }))) throw error
  }
}

async function drain(source: BlobSource, budget: PartBudget, signal: AbortSignal | undefined): Promise<void> {
  const { file, endpoint } = source
  let fruitless = 0
  let inParts = true
  while (file.remaining > 0) {
    const before = file.position
    try {
      await onePass(source, inParts ? budget : null, signal)
      if (file.remaining > 0 && file.position <= before) throw worthRetrying(file.wrongSize('less'))
    } catch (error) {
      signal?.throwIfAborted()
      const verdict = retryVerdict(error)
      const oddParts = inParts && EngineError.is(error, 'ERR_REGISTRY_PROTOCOL') && file.remaining >= partsFrom
      fruitless = file.position - before >= progressBytes ? 1 : fruitless + 1
      if ((verdict === false && !oddParts) || endpoint.isMirror || fruitless >= fruitlessTries) throw error
      if (oddParts) inParts = false
      await delay(typeof verdict === 'number' ? verdict : Math.min(200 * 2 ** fruitless, longestPauseMs), signal)
    }
  }
}

async function onePass(source: BlobSource, budget: PartBudget | null, signal: AbortSignal | undefined): Promise<void> {
  const { file } = source
  if (budget !== null && file.remaining >= partsFrom) return await downloadParts(source, budget, signal)
  const answer = await requestSpan(source, { start: file.position }, signal)
  if (answer.status === 206) await appendBody(file, answer)
  else await takeWhole(source, answer)
}
