// SPDX-License-Identifier: Apache-2.0
import type { Path } from './path.js'
import { isList, isMap, makeMap, type Tree } from './tree.js'

/** Where something is written. */
export interface Position {
  /** The file, or what stands for it. */
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1. */
  readonly column: number
}

type Key = string | number

// Beside the values, not in them: merging and normalising see plain trees.
const positions = new WeakMap<object, Map<Key, Position>>()

export function setPosition(holder: object, key: Key, position: Position): void {
  let known = positions.get(holder)
  if (known === undefined) {
    known = new Map()
    positions.set(holder, known)
  }
  known.set(key, position)
}

export const positionOf = (holder: object, key: Key): Position | undefined => positions.get(holder)?.get(key)

/** What was written at one place is at another one now. */
export function carryPosition(from: object, fromKey: Key, to: object, toKey: Key): void {
  const position = positionOf(from, fromKey)
  if (position !== undefined) setPosition(to, toKey, position)
}

/** The position of the path, or of the deepest part of it that was written somewhere. */
export function positionAt(root: Tree, path: Path): Position | undefined {
  let value: Tree | undefined = root
  let found: Position | undefined
  for (const step of path) {
    if (typeof value !== 'object' || value === null) break
    found = positionOf(value, step) ?? found
    value = (value as Record<Key, Tree>)[step]
  }
  return found
}

/** A deep copy that knows where everything was written. */
export function cloneTree<T extends Tree>(value: T): T
export function cloneTree(value: Tree): Tree {
  if (isList(value)) return copied(value, value.map(cloneTree))
  if (isMap(value)) return copied(value, makeMap(Object.entries(value).map(([key, inner]) => [key, cloneTree(inner)])))
  return value
}

function copied(from: object, to: Tree & object): Tree {
  const known = positions.get(from)
  if (known !== undefined) positions.set(to, new Map(known))
  return to
}
