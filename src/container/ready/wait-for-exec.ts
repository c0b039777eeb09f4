// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../../errors/engine-error.js'
import type { ExecResult } from '../../errors/exec-result.js'
import { printable } from '../../errors/printable.js'
import type { ReadyExecOptions } from '../../runtime/ready-options.js'
import { execInContainer } from '../exec-in-container.js'
import { attempts, notRunning, type Wait } from './wait.js'

const attemptMs = 30_000
const longestText = 200

export async function waitForExec(wait: Wait, argv: readonly string[], options: ReadyExecOptions): Promise<void> {
  const { exitCode: wanted = 0, user, cwd, env } = options
  const { subject, signal } = wait
  await attempts(wait, async () => {
    try {
      const run = execInContainer<string>(subject, argv, { user, cwd, env, check: false, timeoutMs: attemptMs, signal })
      const result = await run
      return result.exitCode === wanted && !result.timedOut ? undefined : problemOf(result)
    } catch (error) {
      signal.throwIfAborted()
      if (EngineError.is(error, 'ERR_EXEC_OUTPUT_LIMIT')) return 'writes too much'
      return notRunning(error)
    }
  })
}

function problemOf({ exitCode, stdout, stderr, timedOut }: ExecResult): string {
  if (timedOut) return `did not end within ${attemptMs} ms`
  const last = printable(`${stdout}\n${stderr}`.trim().split('\n').at(-1) ?? '').slice(0, longestText)
  return last === '' ? `exit code ${exitCode}` : `exit code ${exitCode}: ${last}`
}
