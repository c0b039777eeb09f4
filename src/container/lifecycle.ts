// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import type { ExitStatus } from '../errors/exit-status.js'
import type { LifecycleEventType } from '../events/engine-event.js'
import { signalNumber } from '../runtime/signal-number.js'
import { onAbort } from '../util/abort.js'
import { findVolume } from '../volume/find-volume.js'
import type { CallOptions, RemoveOptions, StopOptions, WaitOptions } from './call-options.js'
import { linkTo, linkToStart, openLink } from './container-link.js'
import { requireLegal } from './container-state.js'
import { keepAlive } from './keep-alive.js'
import { operate, type Subject } from './operate.js'
import type { TrackedContainer } from './tracked-container.js'
import { exitStatus } from './wire.js'

const defaultStop = { signal: 15, timeoutMs: 10_000 }

export async function startContainer(subject: Subject, { signal }: CallOptions = {}): Promise<void> {
  await operate(subject, { op: 'start', args: {}, action: 'start', signal, link: linkToStart })
}

/** Resolves when it has ended, at once if it had. */
export async function stopContainer(subject: Subject, options: StopOptions = {}): Promise<ExitStatus> {
  const { container } = subject
  if (container.state === 'stopped' && container.exit && !container.restartPending) return container.exit
  const { stopSignal, timeoutMs, signal } = options
  const args = {
    signal:
      stopSignal === undefined
        ? (container.record?.stopSignal ?? defaultStop.signal)
        : signalNumber(stopSignal, 'stopSignal'),
    timeoutMs: Math.ceil(timeoutMs ?? container.record?.stopTimeoutMs ?? defaultStop.timeoutMs),
  }
  container.endedByUs = true
  const { exit } = await operate(subject, { op: 'stop', args, action: 'stop', signal })
  return exitStatus(exit)
}

export async function killContainer(
  subject: Subject,
  signal: string | undefined,
  options: CallOptions = {},
): Promise<void> {
  const args = { signal: signalNumber(signal ?? 'SIGKILL', 'signal') }
  if (args.signal === 9) subject.container.endedByUs = true
  await operate(subject, { op: 'kill', args, action: 'kill', signal: options.signal })
}

export async function pauseContainer(subject: Subject, { signal }: CallOptions = {}): Promise<void> {
  await operate(subject, { op: 'pause', args: {}, action: 'pause', signal })
}

export async function resumeContainer(subject: Subject, { signal }: CallOptions = {}): Promise<void> {
  await operate(subject, { op: 'resume', args: {}, action: 'resume', signal })
}

export async function restartContainer(
  subject: Subject,
  options: StopOptions = {},
  start: (subject: Subject, options: CallOptions) => Promise<void> = startContainer,
): Promise<void> {
  const { container } = subject
  requireLegal('restart', container)
  if (container.state === 'running' || container.state === 'paused') await stopContainer(subject, options)
  container.restarting = true
  try {
    await start(subject, { signal: options.signal })
  } finally {
    container.restarting = false
  }
}

/** Removes it with all it wrote. Once it is gone nothing more happens. */
export async function removeContainer(subject: Subject, options: RemoveOptions = {}): Promise<void> {
  const { force = false, volumes = false, signal } = options
  const { context, container } = subject
  if (container.state === 'removed') return
  if (!force) requireLegal('remove', container)
  signal?.throwIfAborted()
  try {
    const connection = await linkTo(context, container)
    const failure = { doing: `remove container '${container.name}'` }
    if (force) container.endedByUs = true
    await connection.request('remove', { container: container.id, force, volumes }, { signal, failure })
  } catch (error) {
    // Somebody else, or its end, was faster.
    if (!EngineError.is(error, 'ERR_CONTAINER_NOT_FOUND')) throw error
  }
  context.tracker.forget(container.id)
  container.removed()
  if (container.released) await alive(container.released)
  if (volumes) await tellOfVolumes(subject)
}

async function alive(work: Promise<unknown>): Promise<void> {
  const release = keepAlive()
  try {
    await work
  } finally {
    release()
  }
}

// Those that went with it, unless somebody else has come to use them.
async function tellOfVolumes({ context: { volumes }, container }: Subject): Promise<void> {
  for (const { anonymous, source } of container.record?.mounts ?? []) {
    if (!anonymous || source === null || (await findVolume(volumes, source))) continue
    volumes.publish({ type: 'volume', action: 'remove', object: source })
  }
}

/** How it ended; waits until it has. For a container that was not started yet: until it was, and has. */
export async function waitForContainer(subject: Subject, options: WaitOptions = {}): Promise<ExitStatus> {
  const { context, container } = subject
  options.signal?.throwIfAborted()
  if (options.condition === 'removed') return await waitForRemoval(subject, options.signal)
  if (container.exit && hasEnded(container)) return container.exit
  if (hearsEnd(container)) return await nextEnd(container, options.signal)
  const connection = await linkTo(context, container)
  const { result } = await connection.request('wait', { container: container.id }, { signal: options.signal })
  return exitStatus(result.exit)
}

const hasEnded = ({ state, restartPending }: TrackedContainer) =>
  state === 'removed' || (state === 'stopped' && !restartPending)

// Its end comes as an event anyway, and nobody had to look up its state, so that none can have been missed.
function hearsEnd(container: TrackedContainer): boolean {
  return container.owned && !container.detached && openLink(container) !== undefined
}

async function nextEnd(container: TrackedContainer, signal: AbortSignal | undefined): Promise<ExitStatus> {
  do await untilEvent(container, { types: ['stopped', 'removed'], signal, failsWhenGone: true })
  while (!hasEnded(container))
  return exitOf(container)
}

async function waitForRemoval({ container }: Subject, signal: AbortSignal | undefined): Promise<ExitStatus> {
  if (container.state !== 'removed') await untilEvent(container, { types: ['removed'], signal, failsWhenGone: false })
  return exitOf(container)
}

interface EventWait {
  readonly types: readonly LifecycleEventType[]
  readonly signal: AbortSignal | undefined
  /** A container that went away with its supervisor is removed, or it is a failure. */
  readonly failsWhenGone: boolean
}

async function untilEvent(container: TrackedContainer, { types, signal, failsWhenGone }: EventWait): Promise<void> {
  const undo: (() => void)[] = [keepAlive()]
  try {
    await new Promise<void>((resolve, reject) => {
      const listener = () => resolve()
      for (const type of types) {
        container.emitter.on(type, listener)
        undo.push(() => container.emitter.off(type, listener))
      }
      const abandoned = (error: unknown, gone: boolean) => {
        if (failsWhenGone || !gone) reject(error)
      }
      undo.push(onAbort(signal, reject), container.onAbandon(abandoned))
    })
  } finally {
    for (const step of undo) step()
  }
}

function exitOf(container: TrackedContainer): ExitStatus {
  if (container.exit) return container.exit
  throw new EngineError({
    code: 'ERR_CONTAINER_STATE',
    message: `container '${container.name}' was removed and never ran`,
  })
}
