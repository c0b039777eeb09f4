// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../../errors/engine-error.js'
import type { EventOf } from '../../events/engine-event.js'
import { onAbort } from '../../util/abort.js'
import type { Wait } from './wait.js'

/** Resolves at the event, or at once where it is healthy already. */
export async function waitForHealth(wait: Wait): Promise<void> {
  const { container } = wait.subject
  if (container.health === null) {
    throw new EngineError({
      code: 'ERR_INVALID_ARGUMENT',
      message: `ready: container '${container.name}' has no health check`,
      option: 'ready',
      hint: 'give it the option healthcheck, or another condition',
    })
  }
  let stop = () => {}
  try {
    await new Promise<void>((resolve, reject) => {
      const tell = (status: EventOf<'health'>['status'] | null) => {
        if (status === 'healthy') resolve()
        else if (status !== null) wait.note(status)
      }
      const listener = ({ status }: EventOf<'health'>) => tell(status)
      container.emitter.on('health', listener)
      const stopListening = onAbort(wait.signal, reject)
      stop = () => {
        container.emitter.off('health', listener)
        stopListening()
      }
      tell(container.health)
    })
  } finally {
    stop()
  }
}
