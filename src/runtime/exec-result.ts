// SPDX-License-Identifier: Apache-2.0
import { EngineError, type EngineErrorFields } from '../errors/engine-error.js'
import type { ExecResult } from '../errors/exec-result.js'
import { quoted } from '../errors/printable.js'
import type { ExecOutcome } from '../native/process-messages.js'
import { formatByteSize } from '../util/byte-size.js'
import type { ExecOptions } from './exec-options.js'
import { signalName } from './signal-number.js'

type Result = ExecResult<string | Uint8Array>

/** What the supervisor says, with what was collected. */
export function execResult(
  argv: readonly string[],
  outcome: ExecOutcome,
  output: { readonly stdout: Buffer; readonly stderr: Buffer },
  encoding: ExecOptions['encoding'],
): Result {
  const decode = (bytes: Buffer) => (encoding === 'bytes' ? new Uint8Array(bytes) : bytes.toString('utf8'))
  return {
    argv,
    exitCode: outcome.exitCode,
    signal: signalName(outcome.signal),
    stdout: decode(output.stdout),
    stderr: decode(output.stderr),
    timedOut: outcome.timedOut,
    oomKilled: outcome.oomKilled,
    durationMs: outcome.durationMs,
    usage: { cpuMs: outcome.cpuMs, memoryPeakBytes: outcome.memoryPeakBytes },
  }
}

/** What was done to a command. */
interface Ends {
  readonly timeoutMs?: number | undefined
  readonly maxBytes: number
  readonly overflown: boolean
  readonly containerEnded: boolean
}

/** The error that a result is for those who check it; undefined: it is fine. */
export function execFailure(
  result: Result,
  { timeoutMs, maxBytes, overflown, containerEnded }: Ends,
): EngineError | undefined {
  if (result.exitCode === 0 && !overflown && !result.timedOut) return undefined
  const command = quoted(result.argv.join(' '))
  if (overflown) {
    return new EngineError({
      code: 'ERR_EXEC_OUTPUT_LIMIT',
      message: `${command} wrote more than ${formatByteSize(maxBytes)} and was killed`,
      hint: 'raise maxBuffer, or read the streams with buffer: false',
      result,
    })
  }
  if (result.timedOut) {
    return new EngineError({ code: 'ERR_EXEC_TIMEOUT', message: `${command} took longer than ${timeoutMs} ms`, result })
  }
  return new EngineError({
    code: 'ERR_EXEC_FAILED',
    message: `${command} ${ending(result)}${lastWords(result)}`,
    hint: containerEnded ? 'its container was stopped, killed or removed meanwhile' : undefined,
    result,
  })
}

/** A failure to start as what it is for an exec: there is no container that could not be started. */
export function spawnError(error: unknown): unknown {
  if (!EngineError.is(error) || !isSpawn(error)) return error
  const { message, hint, step, errno, object } = error
  const fields: EngineErrorFields = { code: 'ERR_EXEC_SPAWN', message, hint, step, errno, object, cause: error.cause }
  return new EngineError(fields)
}

function isSpawn({ code, step }: EngineError): boolean {
  return code === 'ERR_START_FAILED' || /^(find executable|execute|enter working directory)$/.test(step ?? '')
}

function ending({ signal, exitCode, oomKilled }: Result): string {
  if (oomKilled) return 'was killed for want of memory'
  return signal === null ? `ended with status ${exitCode}` : `was ended by ${signal}`
}

function lastWords({ stderr }: Result): string {
  if (stderr.length === 0) return ''
  const text = typeof stderr === 'string' ? stderr : Buffer.from(stderr).toString('utf8')
  const line = text.trimEnd().split('\n').at(-1) ?? ''
  return line === '' ? '' : `: ${line.slice(0, 400)}`
}
