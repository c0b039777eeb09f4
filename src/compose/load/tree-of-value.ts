// SPDX-License-Identifier: Apache-2.0
import { EngineError } from 'tscontainer'
import { pathText } from '../document/path.js'
import { makeMap, type Tree } from '../document/tree.js'

/** A copy of a plain value of the program as a document. Throws ERR_INVALID_ARGUMENT, naming the option, for what no YAML has. */
export function treeOfValue(value: unknown, option: string, path: readonly (string | number)[] = []): Tree {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number')
    return value
  const where = [option, pathText(path)].filter(Boolean).join('.')
  if (typeof value !== 'object' || path.length > 100) {
    throw new EngineError({
      code: 'ERR_INVALID_ARGUMENT',
      message: `${where}: not a value of a compose file`,
      option: where,
    })
  }
  if (Array.isArray(value)) return value.map((entry, index) => treeOfValue(entry, option, [...path, index]))
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined)
  return makeMap(entries.map(([key, inner]) => [key, treeOfValue(inner, option, [...path, key])]))
}
