// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'

/** Where a container is in its life. */
export type ContainerState = 'created' | 'running' | 'paused' | 'stopped' | 'removed'

/** What can be done to a container. */
export type ContainerAction =
  | 'start'
  | 'stop'
  | 'kill'
  | 'pause'
  | 'resume'
  | 'restart'
  | 'exec'
  | 'dial'
  | 'join'
  | 'wait until ready'
  | 'attach'
  | 'update'
  | 'configure'
  | 'rename'
  | 'stats'
  | 'processes'
  | 'remove'
  | 'export'
  | 'diff'
  | 'commit'
  | 'use files of'

type Life = readonly ContainerState[]
const alive: Life = ['running', 'paused']
const there: Life = ['created', 'running', 'paused', 'stopped']

/**
 * The lifecycle: in which states each action is legal.
 *
 *     created ──start──▶ running ⇄ paused        removed: from every state, from running and paused by force
 *                          │  ▲
 *                       end│  │start
 *                          ▼  │
 *                        stopped
 */
export const legalStates: { readonly [A in ContainerAction]: Life } = {
  start: ['created', 'stopped'],
  stop: ['running', 'paused', 'stopped'],
  kill: alive,
  pause: ['running'],
  resume: ['paused'],
  restart: there,
  exec: ['running'],
  dial: alive,
  join: ['created', 'running', 'paused'],
  'wait until ready': ['running', 'paused', 'stopped'],
  attach: ['created', 'running', 'paused'],
  update: ['created', 'running', 'paused'],
  configure: there,
  rename: there,
  stats: alive,
  processes: alive,
  remove: ['created', 'stopped', 'removed'],
  export: there,
  diff: there,
  commit: there,
  'use files of': there,
}

/** Refuses an action that the state does not allow: ERR_CONTAINER_STATE, ERR_CONTAINER_NOT_FOUND once it is removed. */
export function requireLegal(
  action: ContainerAction,
  container: { readonly name: string; readonly state: ContainerState },
): void {
  const { name, state } = container
  if (legalStates[action].includes(state)) return
  if (state === 'removed') {
    throw new EngineError({ code: 'ERR_CONTAINER_NOT_FOUND', message: `container '${name}' was removed`, object: name })
  }
  throw wrongState(action, name, state)
}

/** The error for an action that came in the wrong state, or while another one is under way. */
export function wrongState(action: ContainerAction | 'create', name: string, state: string): EngineError {
  const allowed = action !== 'create' && legalStates[action].includes(state as ContainerState)
  return new EngineError({
    code: 'ERR_CONTAINER_STATE',
    message: `could not ${action} container '${name}': it is ${state}${allowed ? ', and another call is changing that' : ''}`,
    object: name,
    hint: allowed ? 'wait for that call first' : hints[`${action} ${state}`],
  })
}

const hints: Readonly<Record<string, string>> = {
  'exec created': 'start it first',
  'exec stopped': 'start it first',
  'attach stopped': 'start it first; logs() has what it wrote',
  'exec paused': 'resume it first',
  'dial created': 'start it first',
  'dial stopped': 'start it first',
  'remove running': 'stop it first, or remove({ force: true })',
  'remove paused': 'stop it first, or remove({ force: true })',
}
