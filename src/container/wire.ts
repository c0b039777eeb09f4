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

const stopFacts = (exit: ExitMessage) => ({
  exit: exitStatus(exit),
  ...(exit.reason && { reason: exit.reason }),
})

/** A lifecycle event, as the supervisor says it. */
export function eventDraft(message: EventMessage): EventDraft {
  const { container, cursor } = message
  const base = { container, cursor, time: new Date(message.time) }
  switch (message.type) {
    case 'renamed':
      return { ...base, type: 'renamed', previousName: message.previousName }
    case 'running':
      return { ...base, type: 'running', pid: message.pid, reason: message.reason }
    case 'stopped':
      return { ...base, type: 'stopped', ...stopFacts(message.exit), willRestart: message.willRestart }
    case 'health':
      return { ...base, type: 'health', status: message.status }
    case 'pressure': {
      const { resource, kind, stallMs, windowMs } = message
      return { ...base, type: 'pressure', resource, kind, stallMs, windowMs }
    }
    case 'egress':
      return { ...base, type: 'egress', destination: message.destination }
    case 'exec':
      return { ...base, type: 'exec', execId: message.execId, exitCode: message.exitCode }
    default:
      return { ...base, type: message.type }
  }
}
