// SPDX-License-Identifier: Apache-2.0
import type { Readable } from 'node:stream'
import { AsyncQueue } from '../util/async-queue.js'
import type { OutputChunk, OutputName } from './output-log.js'

export const outputNames: readonly OutputName[] = ['stdout', 'stderr']

/** Both streams in order of arrival, read as fast as they are taken. */
export async function* mergeOutputs(readable: (name: OutputName) => Readable): AsyncGenerator<OutputChunk, void> {
  const queue = new AsyncQueue<OutputChunk>({ capacity: 8 })
  const pump = async (stream: OutputName) => {
    for await (const chunk of readable(stream)) if (!(await queue.push({ stream, chunk }))) return
  }
  Promise.all(outputNames.map(pump)).then(
    () => queue.close(),
    (error) => queue.fail(error),
  )
  yield* queue
}
