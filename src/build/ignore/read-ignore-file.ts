// SPDX-License-Identifier: Apache-2.0
import { trimSpaces } from '../dockerfile/spaces.js'
import { cleanPath } from './clean-path.js'

/** A pattern and where it stands. */
export interface IgnoreLine {
  readonly pattern: string
  /** From 1. */
  readonly line: number
}

/**
 * The patterns of a `.dockerignore` file: comments and empty lines away, paths cleaned, and relative to the context
 * wherever they seem to begin.
 */
export function readIgnoreFile(content: string | Uint8Array): readonly IgnoreLine[] {
  const text = typeof content === 'string' ? content : Buffer.from(content).toString()
  return text
    .replace(/^\ufeff/, '')
    .split('\n')
    .flatMap((raw, index) => {
      const pattern = raw.startsWith('#') ? '' : trimSpaces(raw)
      return pattern === '' ? [] : { pattern: normalize(pattern), line: index + 1 }
    })
}

/** Where the patterns of a build come from, in a context: the first that is there. */
export function ignoreFilesOf(dockerfile: string): readonly [string, string] {
  return [`${dockerfile}.dockerignore`, '.dockerignore']
}

function normalize(pattern: string): string {
  const isException = pattern.startsWith('!')
  const rest = isException ? trimSpaces(pattern.slice(1)) : pattern
  const clean = rest === '' ? '' : cleanPath(rest)
  const relative = clean.length > 1 && clean.startsWith('/') ? clean.slice(1) : clean
  return isException ? `!${relative}` : relative
}
