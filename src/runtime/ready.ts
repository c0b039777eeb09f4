// SPDX-License-Identifier: Apache-2.0
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import { type Check, check, checkOptions } from '../util/validate.js'
import { optionCheck } from './option-checks.js'
import {
  checkPort,
  type ReadyExecOptions,
  type ReadyHttpOptions,
  type ReadyLogOptions,
  type ReadyOptions,
  type ReadyPortOptions,
  readyExecShape,
  readyHttpShape,
  readyLogShape,
  readyPortShape,
  readyShape,
} from './ready-options.js'

/** @internal What a {@link Ready} stands for. */
export type ReadyCondition =
  | { readonly kind: 'port'; readonly port: number; readonly options: ReadyPortOptions }
  | { readonly kind: 'log'; readonly pattern: RegExp | string; readonly options: ReadyLogOptions }
  | { readonly kind: 'http'; readonly path: string; readonly options: ReadyHttpOptions }
  | { readonly kind: 'exec'; readonly argv: readonly string[]; readonly options: ReadyExecOptions }
  | { readonly kind: 'healthy' }
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'all' | 'any'; readonly parts: readonly Ready[] }

/**
 * When a container counts as started: the option `ready` of {@link Container.run} and {@link Container.create}, and
 * {@link Container.waitUntil}. What is malformed is ERR_INVALID_ARGUMENT where the condition is made.
 */
export class Ready {
  /** @internal */
  readonly condition: ReadyCondition
  /** How long it may take, if that was said. */
  readonly timeoutMs: number | undefined

  private constructor(condition: ReadyCondition, { timeoutMs }: ReadyOptions = {}) {
    this.condition = condition
    this.timeoutMs = timeoutMs
  }

  /** Something inside listens on that TCP port. Nothing needs to be published. */
  static port(port: number, options: ReadyPortOptions = {}): Ready {
    checkPort(port, 'port')
    checkOptions(options, readyPortShape)
    return new Ready({ kind: 'port', port, options }, options)
  }

  /** A line of its log fits the pattern, or has the text in it, since it was started. */
  static log(pattern: RegExp | string, options: ReadyLogOptions = {}): Ready {
    if (!(pattern instanceof RegExp)) check.nonEmptyString(pattern, 'pattern')
    checkOptions(options, readyLogShape)
    // Without what would make it remember where it was.
    const stateless =
      pattern instanceof RegExp ? new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, '')) : pattern
    return new Ready({ kind: 'log', pattern: stateless, options }, options)
  }

  /** A request gets an answer with the right status. */
  static http(path: string, options: ReadyHttpOptions): Ready {
    check.matching(/^\/[\x21-\x7e]*$/, 'a path such as /health')(path, 'path')
    if (options === undefined) throw invalidArgument('port', 'is required')
    checkOptions(options, readyHttpShape)
    return new Ready({ kind: 'http', path, options }, options)
  }

  /** A command in the container ends with 0. One that cannot be run at all ends the wait: ERR_EXEC_SPAWN. */
  static exec(argv: readonly string[], options: ReadyExecOptions = {}): Ready {
    optionCheck.argv(argv, 'argv')
    if (argv.length === 0) throw invalidArgument('argv', 'is empty')
    checkOptions(options, readyExecShape)
    return new Ready({ kind: 'exec', argv: [...argv], options }, options)
  }

  /** Its health check says so. */
  static healthy(options: ReadyOptions = {}): Ready {
    checkOptions(options, readyShape)
    return new Ready({ kind: 'healthy' }, options)
  }

  /** It has ended, with that code: for what runs once. */
  static exit(code = 0, options: ReadyOptions = {}): Ready {
    check.integer({ min: 0, max: 255 })(code, 'code')
    checkOptions(options, readyShape)
    return new Ready({ kind: 'exit', code }, options)
  }

  /** All of them. */
  static all(...conditions: readonly Ready[]): Ready
  static all(conditions: readonly Ready[], options?: ReadyOptions): Ready
  static all(...given: readonly unknown[]): Ready {
    return combined('all', given)
  }

  /** One of them, whichever comes first. */
  static any(...conditions: readonly Ready[]): Ready
  static any(conditions: readonly Ready[], options?: ReadyOptions): Ready
  static any(...given: readonly unknown[]): Ready {
    return combined('any', given)
  }

  /** As messages name it: `port 5432`. */
  toString(): string {
    return describe(this.condition)
  }

  /** @internal */
  static of(condition: ReadyCondition, options?: ReadyOptions): Ready {
    return new Ready(condition, options)
  }
}

/** Refuses what is no condition. */
export const checkReady: Check = (value, option) => {
  if (!(value instanceof Ready))
    throw invalidArgument(option, `expected a condition such as Ready.port(80), got ${quoted(value)}`)
}

function combined(kind: 'all' | 'any', given: readonly unknown[]): Ready {
  const [parts, options] = Array.isArray(given[0]) ? [given[0], given[1]] : [given, undefined]
  if (parts.length === 0) throw invalidArgument('conditions', 'there is none')
  check.arrayOf(checkReady)(parts, 'conditions')
  checkOptions<ReadyOptions>(options, readyShape)
  return Ready.of({ kind, parts: [...parts] }, options)
}

function describe(condition: ReadyCondition): string {
  switch (condition.kind) {
    case 'port':
      return `port ${condition.port}`
    case 'log': {
      const { pattern, options } = condition
      const text = pattern instanceof RegExp ? String(pattern) : quoted(pattern)
      return options.count === undefined || options.count === 1 ? `log ${text}` : `log ${text} ${options.count} times`
    }
    case 'http':
      return `${condition.options.tls ? 'https' : 'http'} ${condition.path} on port ${condition.options.port}`
    case 'exec':
      return `exec ${quoted(condition.argv.join(' '))}`
    case 'healthy':
      return 'health'
    case 'exit':
      return `exit with code ${condition.code}`
    default:
      return condition.parts.map(String).join(condition.kind === 'all' ? ' and ' : ' or ')
  }
}

/** Whether the condition, or a part of it, is of that kind. */
export function asksFor({ condition }: Ready, kind: ReadyCondition['kind']): boolean {
  if (condition.kind === kind) return true
  return 'parts' in condition && condition.parts.some((part) => asksFor(part, kind))
}
