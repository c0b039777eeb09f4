// SPDX-License-Identifier: Apache-2.0
import { Readable } from 'node:stream'
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import { type Check, check, checkOptions, type Shape } from '../util/validate.js'
import { parseDetachKeys } from './detach-keys.js'
import type { ExecDefaults, ExecLimits, ExecOptions } from './exec-options.js'
import { requireHostTerminal } from './host-terminal.js'
import { optionCheck } from './option-checks.js'
import { inputDescriptor, outputDescriptor } from './stdio-targets.js'

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

const descriptor = check.integer({ min: 0 })
const hasDescriptor: Check = (value, option) =>
  descriptor(typeof value === 'object' && value && Reflect.get(value, 'fd'), option)
const output = check.anyOf(
  "'pipe', 'ignore', 'inherit', a descriptor or a FileHandle",
  check.oneOf('pipe', 'ignore', 'inherit'),
  descriptor,
  hasDescriptor,
)
const limits: Shape<ExecLimits> = {
  memory: check.byteSize,
  memorySwap: optionCheck.sizeOrUnlimited,
  cpus: check.number({ min: 0.01, max: 10_000 }),
  cpuShares: check.integer({ min: 2, max: 262_144 }),
  pidsLimit: optionCheck.countOrUnlimited,
}

const shape: Shape<ExecOptions> = {
  ...execDefaultsShape,
  stdin: check.anyOf(
    "'ignore', 'pipe', 'inherit', a text, bytes, a stream, a descriptor or a FileHandle",
    (value, option) => {
      if (typeof value !== 'string') throw invalidArgument(option, 'expected a text')
    },
    check.instanceOf(Uint8Array),
    check.instanceOf(Readable),
    check.instanceOf(ReadableStream),
    descriptor,
    hasDescriptor,
  ),
  tty: optionCheck.terminal,
  buffer: check.boolean,
  encoding: check.oneOf('utf8', 'bytes'),
  stdout: output,
  stderr: output,
  detached: check.boolean,
  detachKeys: (value, option) => {
    check.string(value, option)
    parseDetachKeys(value as string, option)
  },
  limits: check.object<ExecLimits>(limits),
  signal: check.signal,
}

/** Refuses a command and options that are malformed, or that are not done yet. */
export function checkExec(argv: unknown, options: unknown): void {
  checkArgv(argv)
  checkOptions<ExecOptions>(options, shape)
  const { tty, stdin, stdout, stderr } = (options ?? {}) as ExecOptions
  if (tty) checkTerminalStreams({ stdin, stdout, stderr })
}

function checkTerminalStreams({ stdin, stdout, stderr }: ExecOptions): void {
  if (stdin === 'inherit') requireHostTerminal()
  else if (inputDescriptor(stdin) !== undefined)
    throw invalidArgument('stdin', 'a terminal is not read from a descriptor', 'give a stream, or leave out tty')
  if (stdout !== undefined && stdout !== 'inherit' && outputDescriptor('stdout', stdout) !== undefined)
    throw invalidArgument('stdout', 'a terminal does not write to a descriptor', 'pass on what stdout gives')
  if (stderr !== undefined && stderr !== 'pipe') {
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
