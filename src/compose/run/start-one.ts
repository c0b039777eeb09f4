// SPDX-License-Identifier: Apache-2.0
import { type Container, EngineError } from 'tscontainer'

// So long a start takes at most that somebody else has begun.
const othersMs = 10_000

/** Starts a container. A start is waited for that a program has begun which was killed meanwhile. */
export async function startOne(container: Container): Promise<void> {
  try {
    await container.start()
  } catch (error) {
    if (!EngineError.is(error, 'ERR_CONTAINER_STATE') || !(await comesToRun(container))) throw error
  }
}

async function comesToRun(container: Container): Promise<boolean> {
  let stop = () => {}
  try {
    return await new Promise<boolean>((resolve, reject) => {
      const look = () => {
        if (container.state !== 'created') resolve(container.state === 'running')
      }
      container.on('running', look).on('stopped', look).on('removed', look)
      const timer = setTimeout(() => resolve(false), othersMs)
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
