// SPDX-License-Identifier: Apache-2.0
import { type Document, LineCounter, parseAllDocuments } from 'yaml'
import { composeInvalid } from './compose-error.js'
import { DocumentReader, type ParsedDocument } from './document-reader.js'
import type { Warnings } from './warning.js'

/** What is parsed, and whom to tell. */
export interface YamlSource {
  readonly text: string
  readonly file: string
  readonly warnings: Warnings
}

const maximalValues = 200_000
// Text in quotes has some too.
const maximalBrackets = 1000

/** The documents of a YAML 1.2 text, with the places of everything in them. Throws ERR_COMPOSE_INVALID with line and column. */
export function parseYaml({ text, file, warnings }: YamlSource): readonly ParsedDocument[] {
  refuseBulk(text, file)
  const lineCounter = new LineCounter()
  // Duplicate keys are found by our own reader, which needs no quadratic time for it.
  const options = { lineCounter, uniqueKeys: false, prettyErrors: false, logLevel: 'silent', version: '1.2' } as const
  let documents: readonly Document.Parsed[]
  try {
    documents = [parseAllDocuments(text, options)].flat() as readonly Document.Parsed[]
  } catch (cause) {
    throw composeInvalid({ file, problem: 'cannot be parsed as YAML', cause })
  }
  for (const { errors } of documents) {
    const [error] = errors
    if (error === undefined) continue
    const { line, col } = lineCounter.linePos(error.pos[0])
    throw composeInvalid({
      at: { file, line, column: col },
      problem: error.code === 'RESOURCE_EXHAUSTION' ? 'is nested too deeply' : error.message,
      cause: error,
    })
  }
  return documents
    .filter(({ contents }) => contents !== null)
    .map((document) => new DocumentReader(document, { file, lineCounter, warnings }).read())
}

// Before parsing, which takes some ten microseconds a value, and recurses: nothing else would run meanwhile.
function refuseBulk(text: string, file: string): void {
  let values = 0
  let open = 0
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === 0x0a || unit === 0x2c) values++
    else if (unit === 0x5b || unit === 0x7b) open++
    else if (unit === 0x5d || unit === 0x7d) open = Math.max(0, open - 1)
    if (open > maximalBrackets)
      throw composeInvalid({ file, problem: 'is nested too deeply: has too many open brackets' })
  }
  if (values > maximalValues)
    throw composeInvalid({ file, problem: `has too many values: more than ${maximalValues} lines and commas` })
  if (/^(?:[-?:][ \t]+){100}/m.test(text)) throw composeInvalid({ file, problem: 'is nested too deeply' })
}
