// SPDX-License-Identifier: Apache-2.0
import { type Container, type Engine, EngineError } from 'tscontainer'
import type { ServiceModel } from '../model/service-model.js'
import type { TellProgress } from '../progress/project-progress.js'
import { anonymousVolumesOf, removeVolumes } from './anonymous-volumes.js'
import { runHooks } from './run-hooks.js'

/** A container that is stopped, or goes. */
export interface Retirement {
  readonly service: string
  readonly model: ServiceModel | undefined
  readonly container: Container
  readonly tell: TellProgress
  /** In place of its own grace period. */
  readonly timeoutMs?: number | undefined
}

/** Stops it where it runs, after the commands that its service has for that. */
export async function stopOne(retirement: Retirement): Promise<void> {
  const { service, container, tell, timeoutMs } = retirement
  if (container.state === 'created' || container.state === 'removed') return
  const runs = container.state === 'running' || container.state === 'paused'
  const event = { type: 'container', service, name: container.name } as const
  if (runs) tell({ ...event, phase: 'stopping' })
  if (container.state === 'running') await runHooks('pre_stop', retirement)
  await unlessGone(container.stop({ timeoutMs }))
  if (runs) tell({ ...event, phase: 'stopped' })
}

/** Removes it, running or not; with its volumes without a name, where `volumes` says so. */
export async function removeOne(
  { service, container, tell }: Retirement,
  engine: Engine,
  { volumes }: { readonly volumes: boolean },
): Promise<void> {
  if (container.state === 'removed') return
  const event = { type: 'container', service, name: container.name } as const
  tell({ ...event, phase: 'removing' })
  const anonymous = volumes ? await anonymousVolumesOf(engine, container) : undefined
  await unlessGone(container.remove({ force: true, volumes }))
  if (anonymous) await removeVolumes(engine, anonymous)
  tell({ ...event, phase: 'removed' })
}

// Somebody else, or its process's end, was faster.
async function unlessGone(work: Promise<unknown>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!EngineError.is(error, 'ERR_CONTAINER_NOT_FOUND')) throw error
  }
}
