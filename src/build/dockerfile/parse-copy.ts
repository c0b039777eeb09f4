// SPDX-License-Identifier: Apache-2.0
import { ExpansionFailure } from './expand-word.js'
import { chomp, type HeredocWord, parseHeredocWord } from './heredoc.js'
import type { AddInstruction, CopyInstruction, InlineContent, Word } from './instruction.js'
import type { InstructionNode } from './instruction-node.js'

const commonFlags = { chown: 'text', chmod: 'text', link: 'boolean', exclude: 'texts' } as const

/** `COPY sources destination`. */
export function parseCopy(node: InstructionNode): CopyInstruction {
  const args = twoOrMore(node)
  const { from, parents, ...flags } = node.flags({ ...commonFlags, from: 'text', parents: 'boolean' })
  const { link = false, exclude, chown, chmod } = flags
  const common = { chown, chmod, link, exclude, parents: parents ?? false }
  return { ...node.base, kind: 'copy', ...common, from, ...operands(node, args) }
}

/** `ADD sources destination`. */
export function parseAdd(node: InstructionNode): AddInstruction {
  const args = twoOrMore(node)
  const { checksum, ...flags } = node.flags({
    ...commonFlags,
    checksum: 'text',
    'keep-git-dir': 'boolean',
    unpack: 'boolean',
  })
  const { link = false, exclude, chown, chmod, unpack, 'keep-git-dir': keepGitDir } = flags
  const common = { chown, chmod, link, exclude, parents: false }
  return { ...node.base, kind: 'add', ...common, checksum, keepGitDir, unpack, ...operands(node, args) }
}

function twoOrMore(node: InstructionNode): readonly Word[] {
  if (node.args.length >= 2) return node.args
  const given = node.args.length === 1 ? ', but only one was provided' : ''
  const unknown = given && '. Destination could not be determined'
  throw node.fail(node.args[0] ?? null, `${node.name} requires at least two arguments${given}${unknown}`)
}

function operands(node: InstructionNode, args: readonly Word[]) {
  const destination = args.at(-1) ?? { text: '', position: node.node.range.start }
  if (heredocIn(destination)) throw node.fail(destination, `${node.name} cannot accept a heredoc as a destination`)
  const sources: Word[] = []
  const contents: InlineContent[] = []
  for (const source of joinHeredocs(args.slice(0, -1))) {
    const word = heredocIn(source)
    if (word) contents.push(contentOf(node, word, source))
    else sources.push(source)
  }
  return { sources, contents, destination }
}

// `<< NAME` was split at its white space; the line's heredocs know it as one word.
function joinHeredocs(args: readonly Word[]): readonly Word[] {
  const joined: Word[] = []
  for (const word of args) {
    const before = joined.at(-1)
    if (before && /^\d*<<-?$/.test(before.text))
      joined[joined.length - 1] = { ...before, text: before.text + word.text }
    else joined.push(word)
  }
  return joined
}

function contentOf(node: InstructionNode, { name, expand, chomp: isChomped }: HeredocWord, { position }: Word) {
  const heredoc = node.node.heredocs.findLast((candidate) => candidate.name === name)
  const content = heredoc?.content ?? ''
  return { name, expand, position, data: isChomped ? chomp(content) : content }
}

function heredocIn({ text }: Word): HeredocWord | null {
  try {
    return parseHeredocWord(text)
  } catch (error) {
    if (error instanceof ExpansionFailure) return null
    throw error
  }
}
