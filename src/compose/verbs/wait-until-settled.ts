// SPDX-License-Identifier: Apache-2.0
import { EngineError, type ExitStatus } from 'tscontainer'
import { onAbort } from '../../util/abort.js'
import { howItEnded, lastEntries, lastLines } from '../run/last-lines.js'
import type { ProjectContainer } from '../run/project-containers.js'

type Outcome = 'well' | 'unhealthy' | ExitStatus

/**
 * Resolves when the container runs and is healthy, if it has a check, or has ended with 0 for good. ERR_CONTAINER_EXITED where it ends otherwise,
 * ERR_READY_TIMEOUT where it is unhealthy, both with its last lines.
 */
export async function waitUntilSettled(one: ProjectContainer, signal?: AbortSignal): Promise<void> {
  await untilWell(one, signal, ({ container }, decide) => {
    const look = () => {
      if (container.state !== 'running') return
      if (container.health === null || container.health === 'healthy') decide('well')
      else if (container.health === 'unhealthy') decide('unhealthy')
    }
    container.on('running', look).on('health', look)
    look()
    return () => container.off('running', look).off('health', look)
  })
}

/** Resolves when the container has run, and not been unhealthy, for so long; or has ended with 0. Rejects as {@link waitUntilSettled}. */
export async function watchFor(one: ProjectContainer, ms: number, signal?: AbortSignal): Promise<void> {
  if (ms === 0) return
  await untilWell(one, signal, ({ container }, decide) => {
    const look = () => {
      if (container.health === 'unhealthy') decide('unhealthy')
    }
    const timer = setTimeout(() => decide('well'), ms)
    container.on('health', look)
    return () => {
      clearTimeout(timer)
      container.off('health', look)
    }
  })
}

/** Looks until it knows; the returned function ends that. */
type Watch = (one: ProjectContainer, decide: (outcome: 'well' | 'unhealthy') => void) => () => unknown

async function untilWell(one: ProjectContainer, signal: AbortSignal | undefined, watch: Watch): Promise<void> {
  signal?.throwIfAborted()
  const over = new AbortController()
  // It keeps the process alive, too, which listeners do not.
  const ended = one.container.wait({ signal: over.signal })
  ended.catch(() => {})
  const undo: (() => unknown)[] = [() => over.abort(new Error('over'))]
  try {
    const outcome = await new Promise<Outcome>((resolve, reject) => {
      undo.push(onAbort(signal, reject), watch(one, resolve))
      ended.then(resolve, reject)
    })
    if (outcome === 'unhealthy') throw await unhealthy(one)
    if (outcome !== 'well' && outcome.code !== 0) throw await exited(one, outcome)
  } finally {
    for (const step of undo) step()
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
  return new EngineError({
    code: 'ERR_CONTAINER_EXITED',
    message: `service '${service}': container '${container.name}' ${howItEnded(exit)}${lastLines(logs)}`,
    object: container.name,
    exit,
    logs,
  })
}
