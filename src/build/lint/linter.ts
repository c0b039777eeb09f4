// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../../errors/engine-error.js'
import type { SourceRange } from '../dockerfile/position.js'
import type { CheckOptions } from './check-options.js'
import { parseCheckOptions } from './check-options.js'
import { experimentalRules, type RuleName, ruleAddress } from './rule.js'

/** What a rule has to say. */
export interface LintWarning {
  readonly rule: RuleName
  readonly message: string
  readonly range: SourceRange
  /** Where the rule is explained. */
  readonly address: string
}

/** What a warning is about. */
export interface LintSubject {
  readonly range: SourceRange
  /** Those directly above: `check=skip=…` there is for this place alone. */
  readonly comments: readonly string[]
}

const maxWarnings = 1000

/** Gathers the warnings of the rules that are on. */
export class Linter {
  private readonly found = new Map<string, LintWarning>()

  constructor(
    private readonly options: CheckOptions,
    private readonly fileName: string,
    /** Told of each as it is found: an error may come before the end. */
    private readonly onWarning: (warning: LintWarning) => void = () => {},
  ) {}

  /** In the order of their lines. */
  get warnings(): readonly LintWarning[] {
    return [...this.found.values()].sort((a, b) => a.range.start.line - b.range.start.line)
  }

  /** Notes a warning, unless its rule is off. The same one is noted once. */
  report(rule: RuleName, { range, comments }: LintSubject, message: string): void {
    if (this.found.size >= maxWarnings || !isOn(rule, [this.options, ...optionsIn(comments)])) return
    const key = `${rule} ${range.start.line} ${message}`
    if (this.found.has(key)) return
    const warning = { rule, message, range, address: ruleAddress(rule) }
    this.found.set(key, warning)
    this.onWarning(warning)
  }

  /** ERR_DOCKERFILE_CHECK if there are warnings and the file makes them errors. */
  finish(): void {
    if (!this.options.isError || this.found.size === 0) return
    const lines = this.warnings.map(({ rule, message, range }) => {
      return `  ${this.fileName}:${range.start.line}: ${rule}: ${message}`
    })
    throw new EngineError({
      code: 'ERR_DOCKERFILE_CHECK',
      message: `${this.fileName} breaks rules that it makes errors itself:\n${lines.join('\n')}`,
      hint: 'mend it, or name the rules in # check=skip=Rule,Rule;error=true',
    })
  }
}

function isOn(rule: RuleName, options: readonly CheckOptions[]): boolean {
  const isNamed = (rules: 'all' | readonly string[]) => rules === 'all' || rules.includes(rule)
  if (experimentalRules[rule]) return options.some(({ experimental }) => isNamed(experimental))
  return !options.some(({ skip }) => isNamed(skip))
}

// The first comment of that kind counts, if it can be read.
function optionsIn(comments: readonly string[]): readonly CheckOptions[] {
  for (const comment of comments) {
    const value = /^check\s*=\s*(.+)$/i.exec(comment)?.[1]
    if (value === undefined) continue
    const options = parseCheckOptions(value)
    return 'problem' in options ? [] : [options]
  }
  return []
}
