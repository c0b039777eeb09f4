// SPDX-License-Identifier: Apache-2.0
import { Readable } from 'node:stream'
import { EngineError } from '../errors/engine-error.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import { check, checkOptions, type Shape } from '../util/validate.js'
import type { ExecDefaults, ExecOptions } from './exec-options.js'
import { optionCheck } from './option-checks.js'

/** One check for each default of execs. */
export const execDefaultsShape: Shape<ExecDefaults> = {
  env: optionCheck.env,
  cwd: optionCheck.absolutePath,
  user: optionCheck.user,
  timeoutMs: check.timeoutMs,
  killGraceMs: check.timeoutMs,
  check: check.boolean,
  maxBuffer: check.byteSize,
  rlimits: optionCheck.ulimits,
}

const output = check.anyOf(
  "'pipe', 'ignore', 'inherit', a descriptor or a FileHandle",
  check.oneOf('pipe', 'ignore', 'inherit'),
  check.integer({ min: 0 }),
  (value, option) => check.integer({ min: 0 })(typeof value === 'object' && value && Reflect.get(value, 'fd'), option),
)

const shape: Shape<ExecOptions> = {
  ...execDefaultsShape,
  stdin: check.anyOf(
    "'ignore', 'pipe', a text, bytes or a stream",
    (value, option) => {
      if (typeof value !== 'string') throw invalidArgument(option, 'expected a text')
    },
    check.instanceOf(Uint8Array),
    check.instanceOf(Readable),
    check.instanceOf(ReadableStream),
  ),
  tty: optionCheck.terminal,
  buffer: check.boolean,
  encoding: check.oneOf('utf8', 'bytes'),
  stdout: output,
  stderr: output,
  detached: check.boolean,
  limits: check.any,
  signal: check.signal,
}

/** Refuses a command and options that are malformed, or that are not done yet. */
export function checkExec(argv: unknown, options: unknown): void {
  checkArgv(argv)
  checkOptions<ExecOptions>(options, shape)
  const { limits, tty, stderr } = (options ?? {}) as ExecOptions
  if (limits !== undefined) {
    throw new EngineError({
      code: 'ERR_UNSUPPORTED',
      message: 'limits: of one command are not supported yet',
      option: 'limits',
    })
  }
  if (tty && stderr !== undefined && stderr !== 'pipe') {
    throw invalidArgument('stderr', 'a terminal has one stream for both', 'leave stderr out, or tty')
  }
}

function checkArgv(argv: unknown): void {
  if (typeof argv === 'string') {
    const hint = `write exec([${quoted(argv.split(/\s+/)[0] ?? '')}, …]), or sh(${quoted(argv)}) for a shell`
    throw invalidArgument('argv', 'expected an array of arguments, got a string', hint)
  }
  check.arrayOf(check.string)(argv, 'argv')
  if ((argv as readonly string[]).length === 0) throw invalidArgument('argv', 'the command is missing')
}
