// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../../errors/engine-error.js'
import { checkReady, type Ready } from '../../runtime/ready.js'
import { onAbort } from '../../util/abort.js'
import type { CallOptions } from '../call-options.js'
import { exitedError, lastEntries, lastLines } from '../container-exited.js'
import { requireLegal } from '../container-state.js'
import { waitForContainer } from '../lifecycle.js'
import type { Subject } from '../operate.js'
import { ConditionWatch, Overdue } from './condition-watch.js'
import { Ended } from './wait.js'

/** The deadline where none was given. */
export const defaultReadyMs = 60_000

export interface ReadyWait extends CallOptions {
  /** The log counts from after this cursor. */
  readonly since?: string | undefined
  /** When the time began that it may take, by performance.now(); now by default. */
  readonly startedAt?: number | undefined
}

const noop = () => {}

/** As {@link waitUntilReady}, for a container that was started before: all of its log counts. */
export async function waitUntil(subject: Subject, ready: Ready, options: CallOptions = {}): Promise<void> {
  checkReady(ready, 'ready')
  options.signal?.throwIfAborted()
  requireLegal('wait until ready', subject.container)
  await waitUntilReady(subject, ready, options)
}

/**
 * Resolves when the condition is met. ERR_READY_TIMEOUT or ERR_CONTAINER_EXITED, both with the last of what the container wrote; else
 * the error that made an end of waiting, or the signal's reason. The container stays as it is.
 */
export async function waitUntilReady(subject: Subject, ready: Ready, options: ReadyWait = {}): Promise<void> {
  const { signal, since, startedAt = performance.now() } = options
  signal?.throwIfAborted()
  const over = new AbortController()
  const stopListening = onAbort(signal, (reason) => over.abort(reason))
  const ended = waitForContainer(subject, { signal: over.signal })
  ended.catch(noop)
  const watch = new ConditionWatch(ready)
  const timeoutMs = ready.timeoutMs ?? defaultReadyMs
  const left = timeoutMs - (performance.now() - startedAt)
  try {
    await watch.met({ subject, signal: over.signal, ended, since }, left)
  } catch (error) {
    signal?.throwIfAborted()
    const withinMs = error instanceof Overdue && error.timeoutMs !== left ? error.timeoutMs : timeoutMs
    throw await explain(error, { subject, watch, since, withinMs, tookMs: performance.now() - startedAt })
  } finally {
    stopListening()
    over.abort(new Error('over'))
  }
}

interface Failed {
  readonly subject: Subject
  readonly watch: ConditionWatch
  readonly since: string | undefined
  /** The deadline that passed, if one did: the whole one, or that of a part. */
  readonly withinMs: number
  readonly tookMs: number
}

async function explain(error: unknown, { subject, watch, since, withinMs, tookMs }: Failed): Promise<unknown> {
  if (error instanceof Ended) {
    const when = `before it was ready, after ${Math.round(tookMs)} ms: waited for ${watch}`
    return await exitedError(subject, { exit: error.exit, when, since })
  }
  if (!(error instanceof Overdue)) return error
  const { name } = subject.container
  const logs = await lastEntries(subject, since)
  return new EngineError({
    code: 'ERR_READY_TIMEOUT',
    message: `container '${name}' was not ready within ${withinMs} ms: waited for ${watch}${lastLines(logs)}`,
    hint: 'container.logs() has all of its output; a longer time is given by timeoutMs: Ready.port(80, { timeoutMs: 120_000 })',
    object: name,
    logs,
  })
}
