// SPDX-License-Identifier: Apache-2.0
import { EngineError, type ExecOptions, type ExecResult, type Execution, type Signal } from 'tscontainer'
import { OutputLog } from '../runtime/output-log.js'
import { LazyOutputStream } from '../runtime/output-stream.js'
import { signalNumber } from '../runtime/signal-number.js'
import { onAbort } from '../util/abort.js'
import { randomId } from '../util/random-id.js'
import type { FakeAnswer } from './fake-image.js'

/** What a fake command is to do. */
export interface FakeCommand {
  readonly argv: readonly string[]
  readonly options: ExecOptions
  /** Undefined: there is no such program. */
  answer(): FakeAnswer | undefined | Promise<FakeAnswer | undefined>
  /** Resolves with the signal when the container ends before. */
  readonly ended: Promise<void>
}

/** A command that answers as it was told to, and can be killed, timed out and aborted as a real one. */
export function fakeExecution({ argv, options, answer, ended }: FakeCommand): Execution<string | Uint8Array> {
  const log = new OutputLog()
  const begun = performance.now()
  let kill = (_: Signal) => {}
  const killed = new Promise<Signal>((resolve) => {
    kill = resolve
  })
  const ask = async (): Promise<Outcome> => {
    const given = await answer()
    if (given === undefined) throw notFound(argv)
    return { ...given, timedOut: false }
  }
  const result = (async () => {
    options.signal?.throwIfAborted()
    const outcome = await first(options, [ask(), killed.then(bySignal), ended.then(() => bySignal('SIGKILL'))])
    for (const stream of ['stdout', 'stderr'] as const) {
      if (outcome[stream]) log.add(stream, new TextEncoder().encode(outcome[stream]))
      log.end(stream)
    }
    return checked(resultOf(argv, options, { outcome, log, durationMs: performance.now() - begun }), options)
  })()
  result.catch((error: unknown) => log.fail(error))
  const stream = (name: 'stdout' | 'stderr') =>
    new LazyOutputStream(
      () => log.readable(name),
      async () => {},
    )
  return Object.assign(result, {
    id: randomId(),
    stdin: options.stdin === 'pipe' ? new WritableStream<string | Uint8Array>() : null,
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    output: { [Symbol.asyncIterator]: () => log.read() },
    spawned: async () => ({ pid: 1 }),
    kill: async (signal: Signal = 'SIGTERM') => kill(signal),
    resize: async () => {},
    [Symbol.asyncDispose]: async () => kill('SIGKILL'),
  })
}

type Outcome = FakeAnswer & { readonly timedOut: boolean }

const bySignal = (signal: Signal): Outcome => ({
  signal,
  exitCode: 128 + signalNumber(signal, 'signal'),
  timedOut: false,
})

async function first(options: ExecOptions, outcomes: readonly Promise<Outcome>[]): Promise<Outcome> {
  const { timeoutMs, signal } = options
  const undo: (() => void)[] = []
  const racing = [...outcomes]
  if (timeoutMs !== undefined) {
    racing.push(
      new Promise((resolve) => {
        const timer = setTimeout(() => resolve({ ...bySignal('SIGTERM'), timedOut: true }), timeoutMs)
        undo.push(() => clearTimeout(timer))
      }),
    )
  }
  if (signal) {
    racing.push(new Promise((_, reject) => undo.push(onAbort(signal, reject))))
  }
  try {
    return await Promise.race(racing)
  } finally {
    for (const step of undo) step()
  }
}

interface Ending {
  readonly outcome: Outcome
  readonly log: OutputLog
  readonly durationMs: number
}

function resultOf(
  argv: readonly string[],
  options: ExecOptions,
  { outcome, log, durationMs }: Ending,
): ExecResult<string | Uint8Array> {
  const text = (stream: 'stdout' | 'stderr') => {
    const bytes = options.buffer === false ? new Uint8Array() : log.collect(stream)
    return options.encoding === 'bytes' ? new Uint8Array(bytes) : new TextDecoder().decode(bytes)
  }
  return {
    argv,
    exitCode: outcome.exitCode ?? 0,
    signal: outcome.signal ?? null,
    stdout: text('stdout'),
    stderr: text('stderr'),
    timedOut: outcome.timedOut,
    oomKilled: false,
    durationMs: outcome.durationMs ?? durationMs,
    usage: { cpuMs: 0, memoryPeakBytes: null },
  }
}

function checked(
  result: ExecResult<string | Uint8Array>,
  { check = true }: ExecOptions,
): ExecResult<string | Uint8Array> {
  if (!check || (result.exitCode === 0 && !result.timedOut)) return result
  const code = result.timedOut ? 'ERR_EXEC_TIMEOUT' : 'ERR_EXEC_FAILED'
  throw new EngineError({
    code,
    message: `'${result.argv.join(' ')}' ended with ${result.signal ?? result.exitCode}`,
    result,
  })
}

function notFound(argv: readonly string[]): EngineError {
  const [program = ''] = argv
  return new EngineError({
    code: 'ERR_EXEC_SPAWN',
    message: `could not run '${program}': the fake image answers nothing for it`,
    errno: 'ENOENT',
    object: program,
    hint: 'let `exec` of the fake image answer it',
  })
}
