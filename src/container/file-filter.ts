// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import { createPipe } from '../native/descriptor.js'
import { createInput } from '../native/input.js'
import { Output } from '../native/output.js'
import type { CopiedEntry } from './file-options.js'
import { fileType } from './file-stats.js'

/** The caller's filter, as the worker asks it. */
export interface FileFilter {
  /** For the worker, behind its other descriptors; {@link FileFilter.sent} when they were handed over. */
  readonly fds: readonly number[]
  sent(): void
  /** Nobody asks any more. */
  close(): void
}

/** Answers the questions of addon/layer/entry_sieve.h; `fail` gets what the filter throws. */
export function fileFilter(
  filter: ((entry: CopiedEntry) => boolean) | undefined,
  fail: (error: unknown) => void,
): FileFilter {
  if (filter === undefined) return { fds: [], sent: () => {}, close: () => {} }
  const asks = createPipe()
  const answers = createPipe()
  const questions = new Output(asks.readEnd)
  const answering = createInput(answers.writeEnd)
  answering.on('error', () => {}) // a worker that is gone says itself why
  let rest = Buffer.alloc(0)
  questions.on('error', fail)
  questions.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
      const record = rest.subarray(0, end).toString()
      rest = rest.subarray(end + 1)
      try {
        const takes: unknown = filter({ path: record.slice(1), type: fileType(record.charAt(0)) })
        if (typeof takes !== 'boolean') throw invalidArgument('filter', `expected true or false, got ${quoted(takes)}`)
        answering.write(takes ? '1' : '0')
      } catch (error) {
        return fail(error)
      }
    }
  })
  const sent = () => {
    asks.writeEnd.close()
    answers.readEnd.close()
  }
  return {
    fds: [asks.writeEnd.fd, answers.readEnd.fd],
    sent,
    close: () => {
      sent()
      questions.destroy()
      answering.destroy()
    },
  }
}
