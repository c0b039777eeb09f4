// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'

/** Bounds for JSON of strangers. */
export interface JsonLimits {
  /** The largest document in bytes; 4 MiB by default, which is what registries accept for a manifest. */
  readonly maxBytes?: number | undefined
  /** How deep objects and arrays may nest; 32 by default. */
  readonly maxDepth?: number | undefined
}

/**
 * The value of a JSON document of a stranger. Refused with ERR_IMAGE_INVALID: too large, too deep, not UTF-8, malformed,
 * and an object that names a key twice (of which every reader takes another one).
 */
export function parseUntrustedJson(data: Uint8Array | string, what: string, limits: JsonLimits = {}): unknown {
  const size = typeof data === 'string' ? Buffer.byteLength(data) : data.byteLength
  const maxBytes = limits.maxBytes ?? 4 * 1024 * 1024
  if (size > maxBytes) throw invalidJson(what, `has ${size} bytes, more than ${maxBytes}`)
  const text = typeof data === 'string' ? data : decode(data, what)
  checkStructure(text, what, limits.maxDepth ?? 32)
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw invalidJson(what, 'is not JSON', cause)
  }
}

function decode(data: Uint8Array, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(data)
  } catch (cause) {
    throw invalidJson(what, 'is not UTF-8', cause)
  }
}

// One pass over the tokens before JSON.parse: it needs no recursion and stops at the first excess. What is no JSON at
// all is left to JSON.parse; only depth and keys matter here.
function checkStructure(text: string, what: string, maxDepth: number): void {
  const stack: (Set<string> | null)[] = []
  let literal = ''
  for (let at = 0; at < text.length; at++) {
    const symbol = text[at]
    if (symbol === '"') {
      const end = endOfString(text, at)
      literal = text.slice(at, end + 1)
      at = end
    } else if (symbol === '{') stack.push(new Set())
    else if (symbol === '[') stack.push(null)
    else if (symbol === '}' || symbol === ']') stack.pop()
    else if (symbol === ':') addKey(stack.at(-1), literal, what)
    if (stack.length > maxDepth) throw invalidJson(what, `nests deeper than ${maxDepth} levels`)
  }
}

function endOfString(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at
}

function addKey(keys: Set<string> | null | undefined, literal: string, what: string): void {
  if (!keys) return
  // "layers" and "l\u0061yers" are the same key.
  const key = literal.includes('\\') ? unescaped(literal, what) : literal.slice(1, -1)
  if (keys.has(key)) throw invalidJson(what, `names the key '${key.slice(0, 80)}' twice`)
  keys.add(key)
}

function unescaped(literal: string, what: string): string {
  try {
    return JSON.parse(literal) as string
  } catch (cause) {
    throw invalidJson(what, 'is not JSON', cause)
  }
}

function invalidJson(what: string, problem: string, cause?: unknown): EngineError {
  const fields = { code: 'ERR_IMAGE_INVALID', message: `${what} ${problem}` } as const
  return new EngineError(cause === undefined ? fields : { ...fields, cause })
}
