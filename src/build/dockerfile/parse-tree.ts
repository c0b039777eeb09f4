// SPDX-License-Identifier: Apache-2.0
import type { EngineError } from '../../errors/engine-error.js'
import {
  type ArgumentForm,
  asHealthcheck,
  asJsonOrList,
  asJsonOrText,
  asList,
  asPairs,
  asText,
  asWords,
} from './argument-forms.js'
import { ExpansionFailure } from './expand-word.js'
import { type Heredoc, heredocWordsIn } from './heredoc.js'
import { LineReader, type ReadInstruction } from './line-reader.js'
import type { SourceText } from './source-text.js'
import { splitInstruction } from './split-instruction.js'
import type { Token, TreeNode } from './tree-node.js'

/** A Dockerfile as a list of instructions that nobody has understood yet. */
export interface DockerfileTree {
  readonly source: SourceText
  readonly nodes: readonly TreeNode[]
  /** What escapes a character and continues a line: a backslash, or a backtick. */
  readonly escapeChar: string
  /** Lines at which an instruction with an empty line inside ends. */
  readonly emptyContinuations: readonly number[]
}

/** Far more than any image has layers: what has more is no Dockerfile but an attack. */
const maxInstructions = 10_000
const maxNesting = 8

const forms: Readonly<Record<string, ArgumentForm>> = {
  add: asJsonOrList,
  arg: asWords,
  cmd: asJsonOrText,
  copy: asJsonOrList,
  entrypoint: asJsonOrText,
  env: asPairs('ENV'),
  expose: asList,
  from: asList,
  healthcheck: asHealthcheck,
  label: asPairs('LABEL'),
  maintainer: asText,
  run: asJsonOrText,
  shell: asJsonOrText,
  stopsignal: asText,
  user: asText,
  volume: asJsonOrList,
  workdir: asText,
}

/** Parses the file into instructions, in the lines of BuildKit. ERR_DOCKERFILE where it cannot be read. */
export function parseTree(source: SourceText): DockerfileTree {
  const reader = new LineReader(source)
  const nodes: TreeNode[] = []
  for (let read = reader.next(); read !== null; read = reader.next()) {
    if (nodes.length === maxInstructions) {
      throw source.fail({ line: read.firstLine, column: 1 }, `there are more than ${maxInstructions} instructions`)
    }
    nodes.push(parseNode(reader, source, read))
  }
  if (nodes.length === 0) throw source.fail({ line: 1, column: 1 }, 'file with no instructions')
  return { source, nodes, escapeChar: reader.escapeChar, emptyContinuations: reader.emptyContinuations }
}

function parseNode(reader: LineReader, source: SourceText, read: ReadInstruction): TreeNode {
  const { line } = read
  const context = { source, read, escapeChar: reader.escapeChar }
  const node = nodeOf(context, { text: line.text, at: 0 }, 0)
  const heredocs = canHaveHeredocs(node) ? readHeredocs(reader, context, node) : []
  return { ...node, heredocs, range: { ...node.range, endLine: reader.line } }
}

interface NodeContext {
  readonly source: SourceText
  readonly read: ReadInstruction
  readonly escapeChar: string
}

function nodeOf(context: NodeContext, token: Token, depth: number): TreeNode {
  const { read } = context
  const { keyword, flags, rest } = splitInstruction(token)
  const isOnBuild = keyword.text.toLowerCase() === 'onbuild'
  const common = {
    keyword: keyword.text,
    at: keyword.at,
    flags,
    heredocs: [],
    original: token.text,
    range: { start: read.line.positionAt(keyword.at), endLine: read.lastLine },
    comments: depth === 0 ? read.comments : [],
    positionAt: (at: number) => read.line.positionAt(at),
  }
  if (!isOnBuild) return { ...common, ...argumentsOf(context, keyword, rest) }
  if (depth === maxNesting) throw chained(context, keyword)
  return { ...common, args: [], json: false, child: rest.text === '' ? undefined : nodeOf(context, rest, depth + 1) }
}

function argumentsOf({ source, read, escapeChar }: NodeContext, keyword: Token, rest: Token) {
  const name = keyword.text.toLowerCase()
  const form = Object.hasOwn(forms, name) ? forms[name] : undefined
  // What an unknown instruction takes is unknown too, which the dump shows as BuildKit's does.
  const parsed = form?.(rest, escapeChar) ?? { args: [{ text: '', at: rest.at }], json: false }
  if ('problem' in parsed) throw source.fail(read.line.positionAt(parsed.at), parsed.problem)
  return parsed
}

function chained({ source, read }: NodeContext, keyword: Token): EngineError {
  return source.fail(read.line.positionAt(keyword.at), "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed")
}

function canHaveHeredocs(node: TreeNode): boolean {
  const { keyword, json } = node.child ?? node
  return /^(?:add|copy|run)$/i.test(keyword) && !json
}

function readHeredocs(reader: LineReader, { source, read }: NodeContext, node: TreeNode): readonly Heredoc[] {
  try {
    return heredocWordsIn(read.line.text).map((word) => {
      const text = reader.readHeredoc(word)
      if (text === null) {
        throw source.fail(node.range.start, `unterminated heredoc: no line '${word.name}' ends it`, {
          hint: `write ${word.name} alone on a line, ${word.chomp ? 'after nothing but tabs' : 'at its beginning'}`,
        })
      }
      return { ...word, ...text }
    })
  } catch (error) {
    if (error instanceof ExpansionFailure) throw source.fail(node.range.start, error.message)
    throw error
  }
}
