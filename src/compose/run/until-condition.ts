// SPDX-License-Identifier: Apache-2.0
import { type Container, EngineError } from 'tscontainer'
import { onAbort } from '../../util/abort.js'
import { howItEnded, lastEntries, lastLines } from './last-lines.js'

type Outcome = 'healthy' | 'unhealthy' | 'ended'

/**
 * Resolves when the container is healthy; told by events, nothing is polled. ERR_CONTAINER_EXITED when it ended for good, ERR_READY_TIMEOUT
 * when its checks found it unhealthy, ERR_UNSUPPORTED where it has none; or the signal's reason.
 */
export async function untilHealthy(container: Container, signal: AbortSignal | undefined): Promise<void> {
  const { health } = await container.inspect({ signal })
  if (health === null && container.state === 'running') throw checkless(container)
  const outcome = await firstOutcome(container, signal)
  if (outcome === 'healthy') return
  throw outcome === 'ended' ? await exited(container, 'before it was healthy') : await unhealthy(container)
}

/** Resolves when the container ended with exit code 0. ERR_CONTAINER_EXITED when it ended otherwise; or the signal's reason. */
export async function untilCompleted(container: Container, signal: AbortSignal | undefined): Promise<void> {
  const exit = await container.wait({ signal })
  if (exit.code !== 0) throw await exited(container)
}

/** Rejects with ERR_CONTAINER_EXITED unless the container runs, or will be started again. */
export async function requireRunning(container: Container, signal: AbortSignal | undefined): Promise<void> {
  const { state, nextRestartAt } = await container.inspect({ signal })
  if (state === 'stopped' && nextRestartAt === null) throw await exited(container)
}

async function firstOutcome(container: Container, signal: AbortSignal | undefined): Promise<Outcome> {
  const settled = new AbortController()
  const undo: (() => void)[] = [() => settled.abort()]
  try {
    return await new Promise<Outcome>((resolve, reject) => {
      const look = () => {
        if (container.state === 'running' && container.health !== null && container.health !== 'starting')
          resolve(container.health)
      }
      container.on('health', look)
      undo.push(() => container.off('health', look), onAbort(signal, reject))
      container.wait({ signal: settled.signal }).then(() => resolve('ended'), reject)
      look()
    })
  } finally {
    for (const step of undo) step()
  }
}

async function exited(container: Container, when = ''): Promise<EngineError> {
  const logs = await lastEntries(container)
  const { name, exit } = container
  if (exit === null) return new EngineError({ code: 'ERR_CONTAINER_STATE', message: `container '${name}' never ran` })
  const message = `container '${name}' ${howItEnded(exit)}${when && ` ${when}`}${lastLines(logs)}`
  return new EngineError({ code: 'ERR_CONTAINER_EXITED', message, object: name, exit, logs })
}

async function unhealthy(container: Container): Promise<EngineError> {
  const logs = await lastEntries(container)
  const { health } = await container.inspect()
  const found = health?.log.at(-1)?.output.trim()
  const check = found ? `; its last check said: ${found}` : ''
  const message = `container '${container.name}' is unhealthy${check}${lastLines(logs)}`
  return new EngineError({ code: 'ERR_READY_TIMEOUT', message, object: container.name, logs })
}

const checkless = ({ name }: Container): EngineError =>
  new EngineError({
    code: 'ERR_UNSUPPORTED',
    message: `container '${name}' has no health check, so it never gets healthy`,
    object: name,
    hint: 'give its service a healthcheck, or wait for service_started',
  })
