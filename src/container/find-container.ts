// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import type { ContainerInfo } from '../native/messages.js'
import { isId, isIdPrefix } from '../util/random-id.js'
import { check, checkOptions, type Shape } from '../util/validate.js'
import type { ContainerContext } from './container-context.js'
import { readRecord } from './container-record.js'
import type { ContainerState } from './container-state.js'
import type { TrackedContainer } from './tracked-container.js'

/** Which containers to list; all that is given has to hold. */
export interface ContainerFilter {
  /** Also those that do not run, are not paused and will not be started again by themselves; false by default. */
  readonly all?: boolean | undefined
  /** Labels that it has, with these values. */
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** Its exact name. */
  readonly name?: string | undefined
  /** Those in one of these states; `all` then means nothing. */
  readonly states?: readonly Exclude<ContainerState, 'removed'>[] | undefined
  /** Aborted: the promise rejects with the reason. */
  readonly signal?: AbortSignal | undefined
}

const shape: Shape<ContainerFilter> = {
  all: check.boolean,
  labels: check.recordOf(check.string),
  name: check.nonEmptyString,
  states: check.arrayOf(check.oneOf('created', 'running', 'paused', 'stopped')),
  signal: check.signal,
}

/**
 * The container of that id, name, or unique beginning of an id, in this order. ERR_CONTAINER_NOT_FOUND, ERR_AMBIGUOUS_ID;
 * ERR_INVALID_ARGUMENT for what can be neither.
 */
export async function findContainer(
  context: ContainerContext,
  idOrName: unknown,
  signal?: AbortSignal,
): Promise<TrackedContainer> {
  signal?.throwIfAborted()
  if (typeof idOrName !== 'string' || !/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/.test(idOrName)) {
    throw invalidArgument('container', `${quoted(idOrName)} is neither a name nor an id`)
  }
  const id = await resolveId(context, idOrName)
  const { connection } = await context.supervisor()
  try {
    const { result } = await connection.request('inspect', { container: id }, { signal })
    return await adopt(context, result)
  } catch (error) {
    if (EngineError.is(error, 'ERR_CONTAINER_NOT_FOUND')) throw notFound(idOrName)
    throw error
  }
}

/** The containers of this engine, oldest first. */
export async function listContainers(
  context: ContainerContext,
  filter: ContainerFilter = {},
): Promise<readonly TrackedContainer[]> {
  checkOptions(filter, shape, 'filter')
  const { connection } = await context.supervisor()
  const { result } = await connection.request('list', {}, { signal: filter.signal })
  const fitting = result.containers.filter((info) => fits(info, filter))
  const found = await Promise.all(fitting.map((info) => adopt(context, info).catch(goneMeanwhile)))
  return found
    .flatMap((container) => container ?? [])
    .sort((one, other) => one.createdAt.getTime() - other.createdAt.getTime())
}

// It was removed while we asked for it.
function goneMeanwhile(error: unknown): undefined {
  if (!EngineError.is(error, 'ERR_CONTAINER_NOT_FOUND')) throw error
}

function fits(info: ContainerInfo, { all, labels, name, states }: ContainerFilter): boolean {
  if (name !== undefined && info.name !== name) return false
  if (states ? !states.includes(info.state) : !all && !isUp(info)) return false
  const own = readRecord(info.record)?.labels ?? {}
  return Object.entries(labels ?? {}).every(([key, value]) => Object.hasOwn(own, key) && own[key] === value)
}

function isUp({ state, nextRestartAt }: ContainerInfo): boolean {
  return state === 'running' || state === 'paused' || typeof nextRestartAt === 'number'
}

/** The container that the supervisor describes; a detached one is asked for by its monitor from now on. */
export async function adopt(context: ContainerContext, info: ContainerInfo): Promise<TrackedContainer> {
  const container = context.tracker.know(info)
  if (container.connection && !container.connection.closed) return container
  if (!info.detached) container.connection = (await context.supervisor()).connection
  else if (info.monitor !== undefined) await adoptDetached(context, container, info.monitor)
  return container
}

async function adoptDetached(context: ContainerContext, container: TrackedContainer, socket: string): Promise<void> {
  try {
    await adoptFromMonitor(context, container, socket)
  } catch (error) {
    // Gone before its monitor knew that we are to hear of it, and the monitor stays as long as we are connected.
    if (EngineError.is(error, 'ERR_CONTAINER_NOT_FOUND')) context.tracker.drop(container, error)
    throw error
  }
}

async function adoptFromMonitor(context: ContainerContext, container: TrackedContainer, socket: string): Promise<void> {
  try {
    const connection = await context.monitor(socket)
    container.connection = connection
    // What it told before we were listening.
    const { result } = await connection.request('inspect', { container: container.id })
    container.update(result)
  } catch (error) {
    if (!EngineError.is(error, 'ERR_SUPERVISOR_LOST')) throw error
    // It left meanwhile, as monitors do when their container has ended: what it wrote last is on disk.
    container.connection = undefined
    const { connection } = await context.supervisor()
    const { result } = await connection.request('inspect', { container: container.id })
    container.update(result)
  }
}

async function resolveId(context: ContainerContext, text: string): Promise<string> {
  if (isId(text)) return text
  const { store } = await context.images()
  const named = await store.containers.resolve(text)
  if (named) return named
  if (!isIdPrefix(text)) throw notFound(text)
  const ids = (await store.containers.ids()).filter((id) => id.startsWith(text))
  if (ids.length > 1) {
    throw new EngineError({
      code: 'ERR_AMBIGUOUS_ID',
      message: `the id ${quoted(text)} fits ${ids.length} containers`,
      object: text,
      hint: 'give more of its digits',
    })
  }
  if (ids[0] === undefined) throw notFound(text)
  return ids[0]
}

function notFound(text: string): EngineError {
  return new EngineError({
    code: 'ERR_CONTAINER_NOT_FOUND',
    message: `there is no container ${quoted(text)}`,
    object: text,
    hint: 'Container.list({ all: true }) has those that there are; each engine has its own',
  })
}
