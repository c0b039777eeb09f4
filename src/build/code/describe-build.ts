// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../../errors/engine-error.js'
import { invalidArgument } from '../../errors/invalid-argument.js'
import { quoted } from '../../errors/printable.js'
import type { FromInstruction, StageInstruction } from '../dockerfile/instruction.js'
import type { Dockerfile, ParsedStage } from '../dockerfile/parse-dockerfile.js'
import { type SourcePlace, SourceText } from '../dockerfile/source-text.js'
import { type BuildFunction, buildTools } from './build-tools.js'
import type { CallSite } from './call-site.js'
import { CodeStage, type CodeStep } from './code-stage.js'

/** What a function described, as a Dockerfile would have it. */
export interface DescribedBuild {
  readonly file: Dockerfile
  /** The error as it is for a build in code: ERR_INVALID_ARGUMENT naming the function whose arguments cannot be, and where it was called. */
  explain(error: unknown): unknown
}

/** Has a function describe a build. Words stand for themselves, no variables are replaced. */
export async function describeBuild(describe: BuildFunction): Promise<DescribedBuild> {
  const stage = await describe(buildTools)
  if (!(stage instanceof CodeStage)) {
    throw invalidArgument('build', `the function gave ${quoted(stage)}`, "return a stage: from('image', …)")
  }
  const writer = new StageWriter()
  writer.add(stage)
  return { file: writer.finish(), explain: (error) => writer.explain(error) }
}

const maxStages = 1000

/** Writes stages down as a Dockerfile would have them, each after those that it needs. */
class StageWriter {
  private readonly names = new Map<CodeStage, string>()
  private readonly stages: ParsedStage[] = []
  private readonly lines: string[] = []
  private readonly places: (SourcePlace | null)[] = []

  add(stage: CodeStage): void {
    if (this.names.has(stage)) return
    if (this.names.size >= maxStages) throw invalidArgument('build', `there are more than ${maxStages} stages`)
    if (stage.base instanceof CodeStage) this.add(stage.base)
    for (const { uses } of stage.steps) for (const used of uses) this.add(used)
    // No image and no context can have such a name.
    const name = `#${this.names.size}`
    this.names.set(stage, name)
    const from = this.from(stage, name)
    this.stages.push({ from, instructions: stage.steps.map((step) => this.instruction(step)) })
  }

  finish(): Dockerfile {
    const [first, ...others] = this.stages
    if (!first) throw invalidArgument('build', 'there is no stage')
    return {
      source: new SourceText(this.lines.join('\n'), 'build', this.places),
      escapeChar: null,
      globalArgs: [],
      stages: [first, ...others],
      check: { name: 'check', value: 'skip=all', line: 1 },
      syntax: null,
      emptyContinuations: [],
    }
  }

  explain(error: unknown): unknown {
    if (!EngineError.is(error, 'ERR_DOCKERFILE')) return error
    const line = this.lines[error.line - 1] ?? ''
    const place = this.places[error.line - 1]
    const [first = ''] = error.message.split('\n', 1)
    const where = place ? `${place.file}:${place.line}:${place.column}: ` : ''
    const problem = `${where}${quoted(line)}: ${first.replace(/^build:\d+:\d+: /, '')}`
    return new EngineError({
      code: 'ERR_INVALID_ARGUMENT',
      message: problem,
      option: line.split(' ', 1)[0]?.toLowerCase(),
      hint: error.hint,
      cause: error,
    })
  }

  private from(stage: CodeStage, name: string): FromInstruction {
    const { base } = stage
    const below = this.nameOf(base instanceof CodeStage || typeof base === 'string' ? base : base.image)
    const platform = typeof base === 'object' && 'platform' in base ? base.platform : undefined
    const written = this.write('FROM', `FROM ${below}`, stage.at)
    const { position } = written
    const word = (text: string) => ({ text, position })
    return { ...written.base, kind: 'from', base: word(below), name, ...(platform && { platform: word(platform) }) }
  }

  private instruction(step: CodeStep): StageInstruction {
    const { base, position } = this.write(step.keyword, step.text, step.at)
    const word = (text: string) => ({ text, position })
    return step.toInstruction({ base, word, nameOf: (from) => word(this.nameOf(from)) })
  }

  private nameOf(from: string | CodeStage): string {
    if (typeof from !== 'string') return this.names.get(from) ?? ''
    // A number alone would mean a stage.
    return /^\d+$/.test(from) ? `docker.io/library/${from}` : from
  }

  private write(keyword: string, text: string, at: CallSite | null = null) {
    const line = text.replace(/\s+/g, ' ').slice(0, 1000)
    this.lines.push(line)
    this.places.push(at)
    const position = { line: this.lines.length, column: 1 }
    const range = { start: position, endLine: position.line }
    return { position, base: { keyword, original: line, range, comments: [] } }
  }
}
