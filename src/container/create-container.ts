// SPDX-License-Identifier: Apache-2.0
import { env } from 'node:process'
import { EngineError } from '../errors/engine-error.js'
import type { LifecycleEventType } from '../events/engine-event.js'
import type { ImageRecord } from '../image/image-record.js'
import { type PreparedImage, prepareImage } from '../image/prepare-image.js'
import type { Connection } from '../native/connection.js'
import { createPipe, type OwnedDescriptor } from '../native/descriptor.js'
import { createInput } from '../native/input.js'
import type { ContainerOptions } from '../runtime/container-options.js'
import { readHostEtcFiles } from '../runtime/etc-files.js'
import { lookUpDevices } from '../runtime/host-devices.js'
import type { JoinedNamespaces } from '../runtime/joined-namespaces.js'
import { feed } from '../runtime/process-input.js'
import { sharedPlan } from '../runtime/shared-plan.js'
import { randomName } from '../util/object-name.js'
import { randomId } from '../util/random-id.js'
import { UndoStack } from '../util/undo-stack.js'
import type { ContainerContext, Supervising } from './container-context.js'
import { containerError } from './container-error.js'
import { type CreateMessage, createMessage } from './create-arguments.js'
import { injectFiles } from './inject-files.js'
import type { InnerRequest } from './inner-request.js'
import { type Joining, joinContainer } from './join-container.js'
import { linkToMonitor } from './monitor-link.js'
import { openLog } from './open-log.js'
import { publishedPorts } from './published-ports.js'
import { withLinks } from './resolve-links.js'
import { resolveMounts } from './resolve-mounts.js'
import { resolveNetworks } from './resolve-networks.js'
import { withPortOwner } from './taken-port.js'
import { TrackedContainer } from './tracked-container.js'

/** From what, and how. */
export interface CreateRequest {
  readonly image: ImageRecord | PreparedImage
  /** What the caller called it. */
  readonly reference: string | null
  /** Images that it mounts, by what its options call them. */
  readonly mountedImages?: ReadonlyMap<string, ImageRecord | PreparedImage> | undefined
  /** Checked. */
  readonly options: ContainerOptions
  /** Of one of the engine's own. */
  readonly inner?: InnerRequest | undefined
}

const nameAttempts = 20
const noImages: NonNullable<CreateRequest['mountedImages']> = new Map()

/** Makes a container that is ready to start. A failure leaves nothing behind; an abort rejects with its reason and leaves nothing either. */
export async function createContainer(context: ContainerContext, request: CreateRequest): Promise<TrackedContainer> {
  const { signal } = request.options
  signal?.throwIfAborted()
  // From before the image is looked at until the container is on record: a prune takes nothing from under it.
  const lease = await context.lease(signal)
  try {
    return await UndoStack.run((undo) => createLeased(context, request, undo))
  } finally {
    await lease.release()
  }
}

async function createLeased(
  context: ContainerContext,
  request: CreateRequest,
  undo: UndoStack,
): Promise<TrackedContainer> {
  const joining = await joinContainer(context, request.options)
  try {
    const isAlone = joining.options === request.options
    const joined = isAlone ? request : { ...request, options: joining.options }
    return await createJoined(context, joined, { joining, undo })
  } finally {
    joining.process?.close()
  }
}

async function createJoined(
  context: ContainerContext,
  request: CreateRequest,
  { joining: { joined, process }, undo }: { readonly joining: Joining; readonly undo: UndoStack },
): Promise<TrackedContainer> {
  const { options, reference, inner } = request
  const [images, supervising, devices, etc] = await Promise.all([
    context.images(),
    context.supervisor(),
    lookUpDevices(options),
    readHostEtcFiles(options.network),
  ])
  // Meanwhile: the supervisor needs its time for them.
  const places = resolveNetworks(context.networks, supervising, options)
  places.catch(() => {})
  const image = await prepareImage(images, request.image, options.signal)
  const id = randomId()
  const { config } = image
  const { mountedImages = noImages } = request
  const resolved = await resolveMounts(context, { id, options, config, mountedImages }, undo)
  const mounts = inner ? [...resolved.mounts, ...inner.mounts] : resolved.mounts
  const networks = await withLinks(context, options, await places)
  const network = networks.etc
  const plan = sharedPlan({
    id,
    options,
    mounts,
    config,
    host: supervising.facts,
    devices,
    etc,
    environment: env,
    network,
    joined,
  })
  const connection = await connectionFor(context, supervising, id, options)
  const seccomp = await context.seccomp.key(supervising.connection, plan.seccomp)
  const parts = { image, record: request.image, reference, options, plan, resolved, networks, seccomp, inner }
  const message = createMessage(id, parts)
  try {
    const join = joined && process && { ...joined, process }
    const container = await createNamed(context, connection, { message, options, join, inner })
    await injectFiles({ context, container }, options)
    for (const mount of resolved.byDrivers) container.onRemoved(() => mount.release())
    return container
  } catch (error) {
    if (connection !== supervising.connection) connection.close()
    throw error
  }
}

async function connectionFor(
  context: ContainerContext,
  supervising: Supervising,
  id: string,
  { detached }: ContainerOptions,
): Promise<Connection> {
  if (!detached) return supervising.connection
  return await linkToMonitor(context, supervising.connection, id)
}

interface Sending {
  readonly message: CreateMessage
  readonly options: ContainerOptions
  readonly join?: (JoinedNamespaces & { readonly process: OwnedDescriptor }) | undefined
  readonly inner?: InnerRequest | undefined
}

// A name that was made up may be taken: then another one is.
async function createNamed(
  context: ContainerContext,
  connection: Connection,
  sending: Sending,
): Promise<TrackedContainer> {
  const { message, options, join, inner } = sending
  const given = options.name
  for (let attempt = 0; ; attempt++) {
    const name = given ?? randomName(attempt)
    try {
      return await send(context, connection, { message, options, join, inner, name })
    } catch (error) {
      const taken = EngineError.is(error, 'ERR_NAME_IN_USE') && given === undefined && attempt < nameAttempts
      if (!taken) throw containerError(await withPortOwner(error, connection, message.ports), 'create', name)
    }
  }
}

async function send(
  { tracker, volumes, logDrivers }: ContainerContext,
  connection: Connection,
  { message, options, join, name, inner }: Sending & { readonly name: string },
): Promise<TrackedContainer> {
  const container = new TrackedContainer({ id: message.container, name, detached: message.detached })
  container.owned = true
  container.hidden = inner !== undefined
  container.ready = options.ready
  container.record = message.record
  container.connection = connection
  listen(container, options.on)
  tracker.add(container)
  const input = pipeFor(options.stdin)
  const log = await openLog(logDrivers, { id: container.id, name, labels: message.record.labels ?? {} }, options.logs)
  const fds: number[] = []
  const stdin = input && { stdin: fds.push(input.fd) - 1 }
  const pipe = log && { log: { ...message.log, pipe: fds.push(log.writeEnd.fd) - 1 } }
  try {
    const failure = { doing: `create container '${name}'` }
    const shared = join && {
      join: { container: join.container, namespaces: join.namespaces, pidfd: fds.push(join.process.fd) - 1 },
    }
    const args = { ...message, name, ...stdin, ...pipe, ...shared }
    const { result, fds: sockets } = await connection.request('create', args, { fds, signal: options.signal, failure })
    inner?.onSockets(sockets)
    container.ports = publishedPorts(result.ports)
    for (const object of result.volumes ?? []) volumes.publish({ type: 'volume', action: 'create', object })
    container.beforeEnd = (pipedLogBytes) => log?.drain(pipedLogBytes)
    if (log?.taken) container.onRemoved(() => log.taken ?? Promise.resolve())
    return container
  } catch (error) {
    // Aborted, it may have come into being all the same.
    if (options.signal?.aborted)
      await connection.request('remove', { container: container.id, force: true, volumes: true }).catch(() => {})
    tracker.forget(container.id)
    container.removed()
    log?.abandon()
    throw error
  } finally {
    input?.close()
    log?.close()
  }
}

function listen(container: TrackedContainer, listeners: ContainerOptions['on'] = {}): void {
  for (const type of Object.keys(listeners) as LifecycleEventType[]) {
    const listener = listeners[type]
    if (listener) container.emitter.on(type, listener as never)
  }
}

function pipeFor(stdin: ContainerOptions['stdin']): OwnedDescriptor | undefined {
  if (stdin === undefined || stdin === 'ignore' || stdin === 'pipe') return undefined
  const { readEnd, writeEnd } = createPipe()
  feed(stdin, createInput(writeEnd))
  return readEnd
}
