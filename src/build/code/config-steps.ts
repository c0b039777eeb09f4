// SPDX-License-Identifier: Apache-2.0

import { parseDurationMs } from '../../util/duration.js'
import { check, checkOptions, type Shape } from '../../util/validate.js'
import type { CommandLine, InstructionBase, Pair, StageInstruction } from '../dockerfile/instruction.js'
import type { CodeStep, StepContext } from './code-stage.js'

/** A text for the shell, or a program and its arguments. */
export type CodeCommand = string | readonly string[]

/** When a container counts as healthy. */
export interface CodeHealthcheck {
  /** What is run: success means healthy. */
  readonly command: CodeCommand
  /** Between two checks: milliseconds, or `30s`. */
  readonly interval?: number | string | undefined
  /** After which a check has failed. */
  readonly timeout?: number | string | undefined
  /** In which failures do not count. */
  readonly startPeriod?: number | string | undefined
  /** How many failures in a row make it unhealthy. */
  readonly retries?: number | undefined
}

const strings = check.arrayOf(check.string)
/** Whether a value is a command. */
export const checkCommand = check.anyOf('a string or an array of strings', check.nonEmptyString, strings)
const words = check.recordOf(check.string)

/** Sets variables, in the image and for what follows. */
export function env(variables: Readonly<Record<string, string>>): CodeStep {
  words(variables, 'env')
  return pairsStep('ENV', variables)
}

/** Sets labels. */
export function label(labels: Readonly<Record<string, string>>): CodeStep {
  words(labels, 'label')
  return pairsStep('LABEL', labels)
}

/** Makes a directory and works there from now on. */
export function workdir(path: string): CodeStep {
  check.nonEmptyString(path, 'workdir')
  return step('WORKDIR', path, ({ base, word }) => ({ ...base, kind: 'workdir', path: word(path) }))
}

/** Runs what follows, and containers, as that user: `name`, `uid`, `user:group`. */
export function user(name: string): CodeStep {
  check.nonEmptyString(name, 'user')
  return step('USER', name, ({ base, word }) => ({ ...base, kind: 'user', user: word(name) }))
}

/** Says which ports containers listen at: `8080`, `'53/udp'`, `'8000-8010'`. */
export function expose(...ports: readonly (number | string)[]): CodeStep {
  const texts = ports.map(String)
  return step('EXPOSE', texts.join(' '), ({ base, word }) => ({ ...base, kind: 'expose', ports: texts.map(word) }))
}

/** Says which directories containers keep in volumes. */
export function volume(...paths: readonly string[]): CodeStep {
  check.arrayOf(check.nonEmptyString)(paths, 'volume')
  return step('VOLUME', paths.join(' '), ({ base, word }) => ({ ...base, kind: 'volume', volumes: paths.map(word) }))
}

/** What containers run unless they are told otherwise, or the arguments of the entrypoint. */
export function cmd(command: CodeCommand): CodeStep {
  return commandStep('CMD', command, (base, line) => ({ ...base, kind: 'cmd', command: line }))
}

/** What containers run. */
export function entrypoint(command: CodeCommand): CodeStep {
  return commandStep('ENTRYPOINT', command, (base, line) => ({ ...base, kind: 'entrypoint', command: line }))
}

/** What runs commands that are texts, from now on. */
export function shell(program: readonly string[]): CodeStep {
  check.arrayOf(check.nonEmptyString)(program, 'shell')
  return step('SHELL', program.join(' '), ({ base }) => ({ ...base, kind: 'shell', shell: program }))
}

/** The signal that asks containers to end. */
export function stopSignal(signal: string): CodeStep {
  check.nonEmptyString(signal, 'stopSignal')
  return step('STOPSIGNAL', signal, ({ base, word }) => ({ ...base, kind: 'stopsignal', signal: word(signal) }))
}

const healthcheckShape: Shape<CodeHealthcheck> = {
  command: check.required(checkCommand),
  interval: check.duration,
  timeout: check.duration,
  startPeriod: check.duration,
  retries: check.integer({ min: 1 }),
}

/** How it is found out whether a container is well; null: not at all, whatever the image below says. */
export function healthcheck(options: CodeHealthcheck | null): CodeStep {
  if (options === null) {
    return step('HEALTHCHECK', 'NONE', ({ base }) => ({
      ...base,
      kind: 'healthcheck',
      healthcheck: { test: ['NONE'] },
    }))
  }
  checkOptions(options, healthcheckShape, 'healthcheck')
  const { command, interval, timeout, startPeriod, retries } = options
  const test = typeof command === 'string' ? ['CMD-SHELL', command] : ['CMD', ...command]
  const ms = (value: number | string | undefined, name: string) =>
    value === undefined ? undefined : parseDurationMs(value, `healthcheck.${name}`)
  const checked = {
    test,
    intervalMs: ms(interval, 'interval'),
    timeoutMs: ms(timeout, 'timeout'),
    startPeriodMs: ms(startPeriod, 'startPeriod'),
    retries,
  }
  return step('HEALTHCHECK', test.join(' '), ({ base }) => ({ ...base, kind: 'healthcheck', healthcheck: checked }))
}

/** A step that takes files from nowhere. */
export function step(
  keyword: string,
  text: string,
  toInstruction: (context: StepContext) => StageInstruction,
): CodeStep {
  return Object.freeze({ keyword, text: `${keyword} ${text}`, uses: [], toInstruction })
}

/** The command as instructions have it. */
export function commandLine(command: CodeCommand): CommandLine {
  const isForShell = typeof command === 'string'
  return { args: isForShell ? [command] : command, isForShell, heredocs: [] }
}

function commandStep(
  keyword: 'CMD' | 'ENTRYPOINT',
  command: CodeCommand,
  make: (base: InstructionBase, line: CommandLine) => StageInstruction,
): CodeStep {
  checkCommand(command, keyword.toLowerCase())
  return step(keyword, [command].flat().join(' '), ({ base }) => make(base, commandLine(command)))
}

function pairsStep(keyword: 'ENV' | 'LABEL', values: Readonly<Record<string, string>>): CodeStep {
  const entries = Object.entries(values)
  return step(keyword, entries.map((entry) => entry.join('=')).join(' '), ({ base, word }) => {
    const pairs: readonly Pair[] = entries.map(([name, value]) => ({
      name: word(name),
      value: word(value),
      isOldForm: false,
    }))
    return keyword === 'ENV' ? { ...base, kind: 'env', pairs } : { ...base, kind: 'label', pairs }
  })
}
