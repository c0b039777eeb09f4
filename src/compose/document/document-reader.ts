// SPDX-License-Identifier: Apache-2.0
import {
  type Document,
  isAlias,
  isMap as isMapNode,
  isScalar,
  isSeq,
  type LineCounter,
  type Node,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'
import { quoted } from '../../errors/printable.js'
import { composeInvalid } from './compose-error.js'
import { type Path, pathText } from './path.js'
import { plainScalar } from './plain-scalar.js'
import { carryPosition, type Position, setPosition } from './position.js'
import { isList, isMap, makeMap, type Tree, type TreeList, type TreeMap } from './tree.js'
import type { Warnings } from './warning.js'

/** What a tag says about a path: what is there already goes (`!reset`, `!override`), or sequences are merged by index (`!merge`). */
export interface TaggedPath {
  readonly tag: 'reset' | 'override' | 'merge'
  readonly path: Path
}

/** One document: its value, and what its tags ask for. */
export interface ParsedDocument {
  readonly tree: Tree
  readonly tagged: readonly TaggedPath[]
}

interface ReaderContext {
  readonly file: string
  readonly lineCounter: LineCounter
  readonly warnings: Warnings
}

// Aliases make few bytes many values. A real file has some thousand.
const maximalNodes = 200_000
const maximalDepth = 100
const removed = Symbol('reset')

/** Turns the nodes of a YAML document into a tree, with anchors, merge keys and the tags of compose. */
export class DocumentReader {
  readonly #document: Document.Parsed
  readonly #context: ReaderContext
  readonly #anchors = new Map<string, Node>()
  readonly #open = new Set<Node>()
  readonly #tagged: TaggedPath[] = []
  #nodes = 0

  constructor(document: Document.Parsed, context: ReaderContext) {
    this.#document = document
    this.#context = context
  }

  read(): ParsedDocument {
    const tree = this.#value(this.#document.contents, [], 0)
    return { tree: tree === removed ? null : tree, tagged: this.#tagged }
  }

  #value(node: unknown, path: Path, depth: number): Tree | typeof removed {
    if (node === null || node === undefined) return null
    const known = node as Node
    this.#limit(known, path, depth)
    if (isAlias(known)) return this.#aliased(known.source, known, path, depth)
    if ((isScalar(known) || isMapNode(known) || isSeq(known)) && known.anchor) this.#anchors.set(known.anchor, known)
    if (this.#noteTag(known, path) === 'reset') return removed
    if (isMapNode(known)) return this.#within(known, () => this.#mapping(known, path, depth))
    if (isSeq(known)) return this.#within(known, () => this.#sequence(known, path, depth))
    return isScalar(known) ? scalar(known) : null
  }

  #limit(node: Node, path: Path, depth: number): void {
    if (++this.#nodes > maximalNodes) throw this.#error(node, path, 'has too many values (excessive aliasing)')
    if (depth > maximalDepth) throw this.#error(node, path, 'is nested too deeply')
  }

  #aliased(anchor: string, node: Node, path: Path, depth: number): Tree | typeof removed {
    const target = this.#anchors.get(anchor)
    if (target === undefined) throw this.#error(node, path, `there is no anchor ${quoted(anchor)} before`)
    if (this.#open.has(target)) throw this.#error(node, path, `the anchor ${quoted(anchor)} contains itself`)
    return this.#value(target, path, depth)
  }

  #within<T>(node: Node, work: () => T): T {
    this.#open.add(node)
    try {
      return work()
    } finally {
      this.#open.delete(node)
    }
  }

  #noteTag(node: Node, path: Path): TaggedPath['tag'] | undefined {
    const { tag } = node
    if (tag === '!reset' || tag === '!override' || (tag === '!merge' && isSeq(node))) {
      const name = tag.slice(1) as TaggedPath['tag']
      this.#tagged.push({ tag: name, path })
      return name
    }
    if (tag?.startsWith('!')) {
      this.#context.warnings.add('unknown-tag', `the tag ${quoted(tag)} means nothing here`, {
        path,
        at: this.#position(node),
      })
    }
    return undefined
  }

  #sequence(node: YAMLSeq, path: Path, depth: number): TreeList {
    const list: TreeList = []
    for (const item of node.items) {
      const value = this.#value(item, [...path, list.length], depth + 1)
      if (value === removed) continue
      this.#place(list, list.length, item as Node)
      list.push(value)
    }
    return list
  }

  #mapping(node: YAMLMap, path: Path, depth: number): TreeMap {
    const map = makeMap()
    const written = new Set<string>()
    const inherited: TreeMap[] = []
    for (const pair of node.items) {
      const keyNode = pair.key as Node
      if (isMergeKey(keyNode)) {
        inherited.push(...this.#mergeSources(pair.value, path, depth))
        continue
      }
      const key = this.#key(keyNode, path)
      if (written.has(key)) throw this.#error(keyNode, [...path, key], 'is given twice')
      written.add(key)
      const value = this.#value(pair.value, [...path, key], depth + 1)
      if (value === removed) continue
      map[key] = value
      this.#place(map, key, keyNode)
    }
    for (const source of inherited) {
      for (const key of Object.keys(source)) {
        if (written.has(key)) continue
        written.add(key)
        map[key] = source[key] as Tree
        carryPosition(source, key, map, key)
      }
    }
    return map
  }

  #mergeSources(node: unknown, path: Path, depth: number): readonly TreeMap[] {
    const value = this.#value(node, path, depth + 1)
    const sources = isList(value) ? value : [value]
    if (!sources.every(isMap)) throw this.#error(node as Node, path, '<< takes a mapping, or a list of them')
    return sources
  }

  #key(node: Node, path: Path): string {
    const target = isAlias(node) ? this.#anchors.get(node.source) : node
    const value = isScalar(target) ? scalar(target) : undefined
    if (isScalar(target) && target.anchor) this.#anchors.set(target.anchor, target)
    if (typeof value === 'string') return value
    const where = path.length === 0 ? 'at top level' : `in ${pathText(path)}`
    const shown = value === undefined ? 'a collection' : String(value)
    throw this.#error(node, path, `non-string key ${where}: ${shown}`, `write it in quotes: "${shown}"`)
  }

  #place(holder: object, key: string | number, node: Node | null): void {
    const position = node ? this.#position(node) : undefined
    if (position !== undefined) setPosition(holder, key, position)
  }

  #position(node: Node): Position | undefined {
    if (!node.range) return undefined
    const { line, col } = this.#context.lineCounter.linePos(node.range[0])
    return { file: this.#context.file, line, column: col }
  }

  #error(node: Node | null, path: Path, problem: string, hint?: string) {
    return composeInvalid({
      at: node ? this.#position(node) : undefined,
      file: this.#context.file,
      path,
      problem,
      hint,
    })
  }
}

const isMergeKey = (key: unknown): boolean =>
  isScalar(key) && (key.source === '<<' || key.value === '<<') && (key.type === 'PLAIN' || key.type === undefined)

function scalar(node: {
  value: unknown
  source?: string
  type?: string
  tag?: string
}): null | boolean | number | string {
  const { value, source, type, tag } = node
  if (type === 'PLAIN' && source !== undefined && (tag === undefined || tag.startsWith('!'))) return plainScalar(source)
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value
  return String(value)
}
