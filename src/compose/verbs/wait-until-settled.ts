// SPDX-License-Identifier: Apache-2.0
import { type Container, EngineError, type ExitStatus, type LogEntry } from 'tscontainer'
import { onAbort } from '../../util/abort.js'
import type { ProjectContainer } from '../run/project-containers.js'

const lineCount = 20
const noop = () => {}

/**
 * Resolves when the container runs and is healthy, if it has a check, or has ended with 0 for good. ERR_CONTAINER_EXITED where it ends otherwise,
 * ERR_READY_TIMEOUT where it is unhealthy, both with its last lines.
 */
export async function waitUntilSettled(one: ProjectContainer, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted()
  const { container } = one
  const over = new AbortController()
  // It keeps the process alive, too, which listeners do not.
  const ended = container.wait({ signal: over.signal })
  ended.catch(noop)
  let stop = noop
  try {
    const how = await new Promise<'settled' | 'unhealthy' | ExitStatus>((resolve, reject) => {
      const look = () => {
        if (container.state !== 'running') return
        if (container.health === null || container.health === 'healthy') resolve('settled')
        else if (container.health === 'unhealthy') resolve('unhealthy')
      }
      container.on('running', look).on('health', look)
      const stopListening = onAbort(signal, reject)
      stop = () => {
        container.off('running', look).off('health', look)
        stopListening()
      }
      ended.then(resolve, reject)
      look()
    })
    if (how === 'unhealthy') throw await unhealthy(one)
    if (how !== 'settled' && how.code !== 0) throw await exited(one, how)
  } finally {
    stop()
    over.abort(new Error('over'))
  }
}

/** Resolves when the container has run, and not been unhealthy, for so long; or has ended with 0. Rejects as {@link waitUntilSettled}. */
export async function watchFor(one: ProjectContainer, ms: number, signal?: AbortSignal): Promise<void> {
  if (ms === 0) return
  const { container } = one
  const over = new AbortController()
  const ended = container.wait({ signal: over.signal })
  ended.catch(noop)
  let stop = noop
  try {
    const how = await new Promise<'well' | 'unhealthy' | ExitStatus>((resolve, reject) => {
      const look = () => {
        if (container.health === 'unhealthy') resolve('unhealthy')
      }
      const timer = setTimeout(() => resolve('well'), ms)
      const stopListening = onAbort(signal, reject)
      container.on('health', look)
      stop = () => {
        clearTimeout(timer)
        stopListening()
        container.off('health', look)
      }
      ended.then(resolve, reject)
    })
    if (how === 'unhealthy') throw await unhealthy(one)
    if (how !== 'well' && how.code !== 0) throw await exited(one, how)
  } finally {
    stop()
    over.abort(new Error('over'))
  }
}

async function unhealthy({ service, container }: ProjectContainer): Promise<EngineError> {
  const logs = await lastEntries(container)
  return new EngineError({
    code: 'ERR_READY_TIMEOUT',
    message: `service '${service}': container '${container.name}' is unhealthy${lastLines(logs)}`,
    object: container.name,
    hint: 'container.inspect() has what its last checks said',
    logs,
  })
}

async function exited({ service, container }: ProjectContainer, exit: ExitStatus): Promise<EngineError> {
  const logs = await lastEntries(container)
  const how = exit.signal === null ? `ended with exit code ${exit.code}` : `was ended by ${exit.signal}`
  return new EngineError({
    code: 'ERR_CONTAINER_EXITED',
    message: `service '${service}': container '${container.name}' ${how}${lastLines(logs)}`,
    object: container.name,
    exit,
    logs,
  })
}

async function lastEntries(container: Container): Promise<readonly LogEntry[]> {
  const entries: LogEntry[] = []
  try {
    for await (const entry of container.logs({ tail: lineCount })) entries.push(entry)
  } catch {
    // No log is kept, or it is gone: what happened before is what is told.
  }
  return entries
}

const lastLines = (logs: readonly LogEntry[]): string =>
  logs.length === 0 ? '; it wrote nothing' : `; its last lines:\n${logs.map(({ line }) => `  ${line}`).join('\n')}`
