// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import type { LogEntry } from '../errors/log-entry.js'
import type { ProcessInfo } from '../native/messages.js'
import type { CallOptions, StatsOptions } from './call-options.js'
import { type LogsOptions, readLogs } from './container-logs.js'
import { type Stats, statsStream } from './container-stats.js'
import { operate, type Subject } from './operate.js'
import type { TrackedContainer } from './tracked-container.js'

const over = ({ state, restartPending }: TrackedContainer) =>
  state === 'removed' || (state === 'stopped' && !restartPending)

/** Refuses where nothing was kept that could be read. */
export function requireLog({ name, record }: TrackedContainer): void {
  if (record?.logDriver === undefined) return
  throw new EngineError({
    code: 'ERR_UNSUPPORTED',
    message: `container '${name}' keeps no log: its driver is '${record.logDriver}'`,
    object: name,
    hint: "attach() sees what it writes from now on; logs: { driver: 'file' } keeps it",
  })
}

/** What its main process wrote. */
export async function* containerLogs(
  { context, container }: Subject,
  options: LogsOptions,
): AsyncGenerator<LogEntry, void> {
  const { store } = await context.images()
  const onChange = (callback: (error?: unknown) => void) => {
    const changed = () => callback()
    container.emitter.on('stopped', changed)
    container.emitter.on('removed', changed)
    const stop = container.onAbandon((error, gone) => (gone ? undefined : callback(error)))
    return () => {
      stop()
      container.emitter.off('stopped', changed)
      container.emitter.off('removed', changed)
    }
  }
  const source = { path: store.paths.containerLog(container.id), ended: () => over(container), onChange }
  yield* readLogs(source, options)
}

/** What it uses, one sample at once and then one each interval until it ends. */
export function containerStats(
  subject: Subject,
  { intervalMs = 1000, signal }: StatsOptions,
): AsyncGenerator<Stats, void> {
  const sample = () => operate(subject, { op: 'stats', args: {}, action: 'stats', signal })
  const ended = () => subject.container.state === 'stopped' || subject.container.state === 'removed'
  return statsStream({ sample, ended, intervalMs, signal })
}

/** The processes in it. */
export async function containerProcesses(subject: Subject, { signal }: CallOptions): Promise<readonly ProcessInfo[]> {
  return (await operate(subject, { op: 'processes', args: {}, action: 'processes', signal })).processes
}
