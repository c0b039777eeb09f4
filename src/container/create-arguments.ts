// SPDX-License-Identifier: Apache-2.0
import type { ImageRecord } from '../image/image-record.js'
import type { PreparedImage } from '../image/prepare-image.js'
import type { CreateArguments } from '../native/create-message.js'
import { egressMessage } from '../network/egress.js'
import type { ContainerOptions } from '../runtime/container-options.js'
import { type ContainerPlan, labelsOf } from '../runtime/container-plan.js'
import { deepFrozen } from '../util/plain-data.js'
import type { ContainerRecord } from './container-record.js'
import type { InnerRequest } from './inner-request.js'
import type { ResolvedMounts } from './resolve-mounts.js'
import type { ResolvedNetworks } from './resolve-networks.js'

/** What is asked of the supervisor, but for the name. */
export type CreateMessage = Omit<CreateArguments, 'name'> & { readonly record: ContainerRecord; readonly etc: object }

/** What a container is made of. */
export interface CreateParts {
  readonly reference: string | null
  readonly options: ContainerOptions
  readonly image: PreparedImage
  /** What was asked for. */
  readonly record: ImageRecord | PreparedImage
  readonly plan: ContainerPlan
  readonly resolved: ResolvedMounts
  readonly networks: ResolvedNetworks
  readonly seccomp: string | null
  readonly inner?: InnerRequest | undefined
}

/** The request for the container of that id. */
export function createMessage(id: string, parts: CreateParts): CreateMessage {
  const { options, image, plan, resolved, networks, seccomp, inner } = parts
  const { stopSignal, stopTimeoutMs, log, pressure, diskQuota, userns, spec } = plan
  const { init = true, idle = false, detached = false, autoRemove = false } = options
  const images = { ...resolved.images, ...inner?.images }
  return {
    container: id,
    spec,
    seccomp,
    layers: image.layers,
    rootLayer: image.rootLayer,
    ...(resolved.volumes.length > 0 && { volumes: resolved.volumes }),
    ...(Object.keys(images).length > 0 && { images }),
    hostUsr: image.hostUsr,
    userns,
    init,
    idle,
    detached,
    autoRemove,
    stopSignal,
    stopTimeoutMs,
    log,
    ...plan.supervision,
    ...(options.stdin === 'pipe' && { openStdin: true }),
    ...etcOf(plan, inner),
    networks: networks.networks,
    ports: networks.ports,
    ...(networks.rate && { rate: networks.rate }),
    resolver: networks.resolver,
    ...(options.privileged && { rootDevices: true }),
    ...(options.egress && { egress: egressMessage(options.egress) }),
    pressure,
    diskQuota,
    record: recordOf(parts),
  }
}

function etcOf(
  { etc }: ContainerPlan,
  inner: InnerRequest | undefined,
): Pick<CreateMessage, 'etc'> & Partial<CreateMessage> {
  if (!inner) return { etc }
  const { hostname: _, ...shared } = etc
  return { etc: shared, etcReadonly: true, secrets: inner.secrets, sockets: inner.sockets, hidden: true }
}

interface KnownRecord {
  readonly image: PreparedImage
  readonly record: ContainerRecord
}

const records = new WeakMap<object, KnownRecord>()

// Containers that have a plan in common, an image and what it was called have the same record, if none of them mounts anything.
function recordOf(parts: CreateParts): ContainerRecord {
  const { image, plan, resolved } = parts
  const reference = parts.reference ?? ('tags' in parts.record ? parts.record.tags[0] : null) ?? null
  if (plan.shared === undefined || resolved.mounts.length > 0) return makeRecord(parts, reference)
  const known = records.get(plan.shared)
  if (known?.image === image && known.record.image.reference === reference) return known.record
  const record = deepFrozen(makeRecord(parts, reference))
  records.set(plan.shared, { image, record })
  return record
}

function makeRecord({ options, image, plan, resolved }: CreateParts, reference: string | null): ContainerRecord {
  const { stopSignal, stopTimeoutMs, log } = plan
  return {
    version: 1,
    image: {
      id: image.id,
      digest: image.digest,
      reference,
      diffIds: image.layers.map((layer) => `sha256:${layer}`),
    },
    command: plan.command,
    ...resolved.record,
    labels: labelsOf(options, image.config),
    exec: plan.exec,
    execDefaults: options.execDefaults,
    stopSignal,
    stopTimeoutMs,
    autoRemove: options.autoRemove ?? false,
    tty: Boolean(options.tty),
    ...(options.stdin === 'pipe' && { openStdin: true }),
    ...(log.driver !== 'file' && { logDriver: options.logs?.driver }),
  }
}
