// SPDX-License-Identifier: Apache-2.0
import type { EngineError } from '../../errors/engine-error.js'
import { didYouMean } from '../suggest.js'
import type { CommandLine, InstructionBase, Word } from './instruction.js'
import type { SourceText } from './source-text.js'
import { trimSpaces } from './spaces.js'
import type { Token, TreeNode } from './tree-node.js'

/** What a flag takes: nothing or true or false; a value; a value each of several times. */
export type FlagKind = 'boolean' | 'text' | 'texts'

/** The flags of an instruction, as their kinds say. */
export type Flags<S extends Readonly<Record<string, FlagKind>>> = {
  readonly [K in keyof S]: S[K] extends 'boolean'
    ? boolean | undefined
    : S[K] extends 'text'
      ? Word | undefined
      : readonly Word[]
}

/** A node of the tree, and what turning it into an instruction needs. */
export class InstructionNode {
  /** In upper case. */
  readonly name: string
  readonly args: readonly Word[]

  constructor(
    readonly node: TreeNode,
    private readonly source: SourceText,
  ) {
    this.name = node.keyword.toUpperCase()
    this.args = node.args.map((token) => this.word(token))
  }

  /** The common part of every instruction. */
  get base(): InstructionBase {
    const { keyword, range, comments } = this.node
    return { keyword, original: trimSpaces(this.node.original), range, comments }
  }

  /** ERR_DOCKERFILE at a word, or at the instruction. */
  fail(at: Word | null, problem: string, hint?: string): EngineError {
    return this.source.fail(at?.position ?? this.node.range.start, problem, { hint })
  }

  /** The only argument. */
  exactlyOne(): Word {
    const [only, ...others] = this.args
    if (!only || others.length > 0) throw this.fail(others[0] ?? null, `${this.name} requires exactly one argument`)
    return only
  }

  /** All arguments. */
  atLeastOne(): readonly Word[] {
    if (this.args.length === 0) throw this.fail(null, `${this.name} requires at least one argument`)
    return this.args
  }

  /** The arguments from that one on as a command. */
  command(from = 0): CommandLine {
    const { json, heredocs } = this.node
    const args = this.args.slice(from).map(({ text }) => text)
    if (json || args.length === 0) return { args, isForShell: !json, heredocs }
    return { args: [args.join(' ')], isForShell: true, heredocs }
  }

  /** The flags, each refused that is not among those. */
  flags<const S extends Readonly<Record<string, FlagKind>>>(kinds: S): Flags<S> {
    const values: Record<string, unknown> = {}
    for (const [name, kind] of Object.entries(kinds)) if (kind === 'texts') values[name] = []
    for (const flag of this.node.flags.map((token) => this.word(token))) this.takeFlag(flag, kinds, values)
    return values as Flags<S>
  }

  private takeFlag(flag: Word, kinds: Readonly<Record<string, FlagKind>>, values: Record<string, unknown>): void {
    const [, name = '', value] = /^--([^=]*)(?:=(.*))?$/s.exec(flag.text) ?? []
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined
    if (!kind) throw this.unknownFlag(flag, name, kinds)
    const earlier = values[name]
    if (kind === 'texts') (earlier as Word[]).push({ ...flag, text: this.required(flag, name, value) })
    else if (earlier !== undefined) throw this.fail(flag, `duplicate flag specified: --${name}`)
    else if (kind === 'boolean') values[name] = this.truth(flag, name, value)
    else values[name] = { ...flag, text: this.required(flag, name, value) }
  }

  private unknownFlag(flag: Word, name: string, kinds: object): EngineError {
    const hint = didYouMean(name, Object.keys(kinds), (found) => `--${found}`)
    return this.fail(flag, `unknown flag: --${name}`, hint)
  }

  private required(flag: Word, name: string, value: string | undefined): string {
    if (value === undefined) throw this.fail(flag, `missing a value on flag: --${name}`)
    return value
  }

  private truth(flag: Word, name: string, value: string | undefined): boolean {
    if (value === undefined) return true
    if (value === '') throw this.fail(flag, `missing a value on flag: --${name}`)
    const lower = value.toLowerCase()
    if (lower === 'true' || lower === 'false') return lower === 'true'
    throw this.fail(flag, `expecting boolean value for flag --${name}, not: ${value}`)
  }

  private word({ text, at }: Token): Word {
    return { text, position: this.node.positionAt(at) }
  }
}
