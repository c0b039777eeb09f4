// SPDX-License-Identifier: Apache-2.0
import type { EngineError } from '../../errors/engine-error.js'
import { type ExpandedWord, ExpansionFailure, expandWord } from '../dockerfile/expand-word.js'
import type { InlineContent, StageInstruction, Word } from '../dockerfile/instruction.js'
import type { SourcePosition } from '../dockerfile/position.js'
import type { SourceText } from '../dockerfile/source-text.js'
import type { IgnoreMatcher } from '../ignore/ignore-matcher.js'
import type { Linter } from '../lint/linter.js'
import { didYouMean, suggest } from '../suggest.js'
import { epochTime } from './epoch-time.js'
import { maxHistory } from './image-state.js'
import { originOf } from './origin-of.js'
import type { StageState } from './stage-state.js'
import type { Origin, Vertex } from './vertex.js'

/** What is the same for all instructions of a build. */
export interface BuildFacts {
  readonly source: SourceText
  /** Arguments given to the build. */
  readonly given: ReadonlyMap<string, string>
  /** Arguments before the first FROM, and what is known without being told. */
  readonly globals: ReadonlyMap<string, string>
  readonly proxy: readonly string[]
  /** Names that commands know, with their addresses; undefined: none. */
  readonly hosts: Readonly<Record<string, string>> | undefined
  readonly context: Vertex
  readonly linter: Linter
  /** Of the context; null: nothing is left out. */
  readonly ignore: IgnoreMatcher | null
  /** Seconds since 1970, for everything that is made; undefined: now. */
  readonly epoch: number | undefined
}

/** What is the same for one instruction. */
export interface InstructionFacts {
  readonly escapeChar: string | null
  /** Where a `--from` or a `from=` leads. */
  resolve(name: string): Vertex | null
  /** ERR_DOCKERFILE at a place of the instruction. */
  fail(position: SourcePosition, problem: string, hint?: string): EngineError
}

interface ProcessOptions {
  readonly plainQuotes?: boolean
  readonly environment?: ReadonlyMap<string, string>
}

// No process could be started with more; and thousands of stages may have an environment each.
const maxEnvironment = 256 * 1024
const maxVariables = 1000

/** What an instruction is applied with. All its words see the variables of one moment: those before it. */
export class ApplyContext<I extends StageInstruction = StageInstruction> {
  private readonly environment: ReadonlyMap<string, string>

  constructor(
    readonly instruction: I,
    readonly stage: StageState,
    readonly build: BuildFacts,
    private readonly facts: InstructionFacts,
  ) {
    this.environment = stage.environment
  }

  /** ERR_DOCKERFILE at a word, or at the instruction. */
  fail(at: { readonly position: SourcePosition } | null, problem: string, hint?: string): EngineError {
    return this.facts.fail(at?.position ?? this.instruction.range.start, problem, hint)
  }

  /** The word with its variables replaced. */
  expand(word: Word): string {
    return this.process(word).text
  }

  /** The same with what the instruction itself has set so far. */
  expandNow(word: Word): string {
    return this.process(word, { environment: this.stage.environment }).text
  }

  /** The word with its variables replaced, split at white space. */
  expandWords(word: Word): readonly string[] {
    return this.process(word).words
  }

  /** A text that stays as it is but for its variables. */
  expandContent({ data, position }: InlineContent): string {
    return this.process({ text: data, position }, { plainQuotes: true }).text
  }

  /** The vertex that a `from` means; null: the context. */
  from(name: Word): Vertex {
    const vertex = this.facts.resolve(name.text)
    if (vertex) return vertex
    const problem = `it needs to be defined before current stage '${this.stage.name}'`
    throw this.fail(name, `cannot copy from stage '${name.text}', ${problem}`)
  }

  /** A variable's value at this moment. */
  value(name: string): string | undefined {
    return this.environment.get(name)
  }

  /** Sets a variable for the instructions that follow. */
  setVariable(name: string, value: string): void {
    this.stage.setVariable(name, value)
    if (this.stage.environmentCount > maxVariables) {
      throw this.fail(null, `the stage has more than ${maxVariables} variables`)
    }
    if (this.stage.environmentSize > maxEnvironment) {
      throw this.fail(null, `the variables of the stage are longer than ${maxEnvironment} characters`)
    }
  }

  /** Notes in the image's history what was done. */
  commit(createdBy: string, { isLayer = false }: { readonly isLayer?: boolean } = {}): void {
    const { epoch } = this.build
    const created = epoch === undefined ? undefined : epochTime(epoch)
    this.stage.image.addHistory(createdBy, { isLayer, created })
    if (this.stage.image.historyLength > maxHistory) {
      throw this.fail(null, `the image's history is longer than ${maxHistory} characters`)
    }
  }

  /** For the vertices that the instruction becomes. */
  get origin(): Origin {
    return originOf(this.build.source, this.instruction, this.stage.name)
  }

  private process(
    word: Word,
    { plainQuotes = false, environment = this.environment }: ProcessOptions = {},
  ): ExpandedWord {
    const escapeChar = plainQuotes && this.facts.escapeChar !== null ? '\\' : this.facts.escapeChar
    try {
      const expanded = expandWord(word.text, environment, { escapeChar, plainQuotes })
      this.reportUnset(expanded.unset)
      return expanded
    } catch (error) {
      if (!(error instanceof ExpansionFailure)) throw error
      throw this.fail(word, error.message, this.hintFor(error.unset))
    }
  }

  private hintFor(unset: ReadonlySet<string>): string | undefined {
    for (const name of unset) {
      const hint = didYouMean(name, this.environment.keys(), (found) => `$${found}`)
      if (hint) return hint
    }
    return undefined
  }

  private reportUnset(unset: ReadonlySet<string>): void {
    for (const name of unset) {
      if (this.stage.args.some((arg) => arg.name === name)) continue
      const meant = suggest(name, this.environment.keys())
      const question = meant === undefined ? '' : ` (did you mean $${meant}?)`
      this.build.linter.report('UndefinedVar', this.instruction, `the variable '$${name}' is not defined${question}`)
    }
  }
}
