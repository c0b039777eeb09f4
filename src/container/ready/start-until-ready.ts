// SPDX-License-Identifier: Apache-2.0
import type { CallOptions } from '../call-options.js'
import { startContainer, stopContainer } from '../lifecycle.js'
import { containerLogs } from '../observe.js'
import type { Subject } from '../operate.js'
import { waitUntilReady } from './wait-until-ready.js'

/**
 * Starts it, and waits until it is ready where it was made with such a condition. One that does not become ready runs on, to be looked
 * at; an abort ends it.
 */
export async function startUntilReady(subject: Subject, options: CallOptions = {}): Promise<void> {
  const { ready } = subject.container
  if (ready === undefined) return await startContainer(subject, options)
  const { signal } = options
  signal?.throwIfAborted()
  const startedAt = performance.now()
  const since = await endOfLog(subject)
  await startContainer(subject, options)
  try {
    await waitUntilReady(subject, ready, { signal, since, startedAt })
  } catch (error) {
    if (signal?.aborted) await end(subject)
    throw error
  }
}

// What an earlier run wrote says nothing about this one.
async function endOfLog(subject: Subject): Promise<string | undefined> {
  if (subject.container.state !== 'stopped') return undefined
  let cursor: string | undefined
  for await (const entry of containerLogs(subject, { tail: 1 })) cursor = entry.cursor
  return cursor
}

async function end(subject: Subject): Promise<void> {
  try {
    await stopContainer(subject, { timeoutMs: 0 })
  } catch {
    // It has ended by itself.
  }
}
