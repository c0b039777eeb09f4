// SPDX-License-Identifier: Apache-2.0
import { type Container, EngineError } from 'tscontainer'
import type { UpContext } from './up-context.js'

// So long the end of a process takes to reach its containers, and some more.
const leavingMs = 500

/** Whether the failure is that a container, or who has it, is gone. */
export function isLoss(error: unknown): boolean {
  if (EngineError.is(error, 'ERR_COMPOSE_DEPENDENCY')) return isLoss(error.cause)
  return EngineError.is(error, 'ERR_CONTAINER_NOT_FOUND') || EngineError.is(error, 'ERR_SUPERVISOR_LOST')
}

/** Whether a container goes that was to be kept: it was of a process that was killed before the plan was made. */
export async function losesSome({ there, plan }: UpContext): Promise<boolean> {
  const replaced = new Set(
    plan.actions.flatMap((one) => (one.kind === 'container' && replaces(one.action) ? [one.id] : [])),
  )
  const kept = [...there.values()].flatMap(({ container }) => (replaced.has(container.id) ? [] : [container]))
  if (kept.length === 0) return false
  const over = AbortSignal.timeout(leavingMs)
  return (await Promise.all(kept.map((container) => isGone(container, over)))).includes(true)
}

const replaces = (action: string): boolean => action === 'recreate' || action === 'remove' || action === 'create'

async function isGone(container: Container, over: AbortSignal): Promise<boolean> {
  await container.wait({ condition: 'removed', signal: over }).catch(() => {})
  return container.state === 'removed'
}
