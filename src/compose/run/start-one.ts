// SPDX-License-Identifier: Apache-2.0
import { type Container, EngineError } from 'tscontainer'

// So long a start takes at most that somebody else has begun.
const othersMs = 10_000

/** Starts a container. A start is waited for that a program has begun which was killed meanwhile. */
export async function startOne(container: Container): Promise<void> {
  try {
    await container.start()
  } catch (error) {
    if (!EngineError.is(error, 'ERR_CONTAINER_STATE')) throw error
    await otherStart(container)
    if (container.state === 'created') throw error
    // That one failed, or what it started has ended; or the container is gone, and this says so.
    if (container.state !== 'running') await container.start()
  }
}

// Resolves when it is decided, or takes too long.
async function otherStart(container: Container): Promise<void> {
  let stop = () => {}
  try {
    await new Promise<void>((resolve, reject) => {
      const look = () => {
        if (container.state !== 'created') resolve()
      }
      container.on('running', look).on('stopped', look).on('removed', look)
      const timer = setTimeout(resolve, othersMs)
      stop = () => {
        clearTimeout(timer)
        container.off('running', look).off('stopped', look).off('removed', look)
      }
      container.inspect().then(look, reject)
    })
  } finally {
    stop()
  }
}
