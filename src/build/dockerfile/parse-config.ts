// SPDX-License-Identifier: Apache-2.0
import type {
  ArgInstruction,
  EnvInstruction,
  ExposeInstruction,
  LabelInstruction,
  Pair,
  VolumeInstruction,
  Word,
} from './instruction.js'
import type { InstructionNode } from './instruction-node.js'
import { trimSpaces } from './spaces.js'

/** `ENV name=value …`. */
export function parseEnv(node: InstructionNode): EnvInstruction {
  node.flags({})
  return { ...node.base, kind: 'env', pairs: pairsOf(node) }
}

/** `LABEL name=value …`. */
export function parseLabel(node: InstructionNode): LabelInstruction {
  node.flags({})
  return { ...node.base, kind: 'label', pairs: pairsOf(node) }
}

/** `ARG name=default …`. */
export function parseArg(node: InstructionNode): ArgInstruction {
  const args = node.atLeastOne().map((word) => argOf(node, word))
  node.flags({})
  return { ...node.base, kind: 'arg', args }
}

/** `EXPOSE port …`, in the order in which Docker writes them down. */
export function parseExpose(node: InstructionNode): ExposeInstruction {
  const ports = [...node.atLeastOne()].sort((a, b) => Buffer.compare(Buffer.from(a.text), Buffer.from(b.text)))
  node.flags({})
  return { ...node.base, kind: 'expose', ports }
}

/** `VOLUME path …`. */
export function parseVolume(node: InstructionNode): VolumeInstruction {
  const volumes = node.atLeastOne().map((word) => ({ ...word, text: trimSpaces(word.text) }))
  node.flags({})
  const empty = volumes.find(({ text }) => text === '')
  if (empty) throw node.fail(empty, 'VOLUME specified can not be an empty string')
  return { ...node.base, kind: 'volume', volumes }
}

function pairsOf(node: InstructionNode): readonly Pair[] {
  const pairs: Pair[] = []
  const args = node.atLeastOne()
  for (let at = 0; at + 2 < args.length; at += 3) {
    const [name, value, separator] = args.slice(at, at + 3)
    if (!name?.text || !value) throw node.fail(name ?? null, `${node.name} names can not be blank`)
    pairs.push({ name, value, isOldForm: separator?.text === '' })
  }
  return pairs
}

function argOf(node: InstructionNode, { text, position: { line, column } }: Word) {
  const equals = text.indexOf('=')
  if (equals < 0) return { name: text }
  if (equals === 0) throw node.fail({ text, position: { line, column } }, 'ARG names can not be blank')
  const position = { line, column: column + equals + 1 }
  return { name: text.slice(0, equals), value: { text: text.slice(equals + 1), position } }
}
