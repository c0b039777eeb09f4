// SPDX-License-Identifier: Apache-2.0

/** A value of a compose document. Mappings have no prototype, so that a key `__proto__` is a key like any other. */
export type Tree = null | boolean | number | string | TreeList | TreeMap
/** A sequence of a document. */
export type TreeList = Tree[]
/** A mapping of a document. */
export interface TreeMap {
  [key: string]: Tree
}

export const isMap = (value: unknown): value is TreeMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
export const isList = (value: unknown): value is TreeList => Array.isArray(value)

/** A mapping without prototype, with these entries. */
export function makeMap(entries: Iterable<readonly [string, Tree]> = []): TreeMap {
  const map: TreeMap = Object.create(null)
  for (const [key, value] of entries) map[key] = value
  return map
}
