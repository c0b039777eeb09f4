// SPDX-License-Identifier: Apache-2.0
import type { ExitStatus } from '../errors/exit-status.js'
import type { EventDraft } from '../events/engine-event.js'
import type { EventMessage, ExitMessage } from '../native/messages.js'
import { signalName } from '../runtime/signal-number.js'

/** How a container ended, as the supervisor says it. */
export function exitStatus(exit: ExitMessage): ExitStatus {
  return {
    code: exit.code,
    signal: signalName(exit.signal),
    oomKilled: exit.oomKilled,
    startedAt: new Date(exit.startedAt),
    finishedAt: new Date(exit.finishedAt),
  }
}

/** A lifecycle event, as the supervisor says it. */
export function eventDraft(message: EventMessage): EventDraft {
  const { container, cursor } = message
  const time = new Date(message.time)
  switch (message.type) {
    case 'renamed':
      return { container, cursor, time, type: 'renamed', previousName: message.previousName }
    case 'running':
      return { container, cursor, time, type: 'running', pid: message.pid, reason: message.reason }
    case 'stopped': {
      const { exit: ending, willRestart } = message
      const { reason } = ending
      const exit = exitStatus(ending)
      return reason
        ? { container, cursor, time, type: 'stopped', exit, reason, willRestart }
        : { container, cursor, time, type: 'stopped', exit, willRestart }
    }
    case 'health':
      return { container, cursor, time, type: 'health', status: message.status }
    case 'pressure': {
      const { resource, kind, stallMs, windowMs } = message
      return { container, cursor, time, type: 'pressure', resource, kind, stallMs, windowMs }
    }
    case 'egress':
      return { container, cursor, time, type: 'egress', destination: message.destination }
    case 'exec':
      return { container, cursor, time, type: 'exec', execId: message.execId, exitCode: message.exitCode }
    default:
      return { container, cursor, time, type: message.type }
  }
}
