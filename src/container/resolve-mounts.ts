// SPDX-License-Identifier: Apache-2.0
import { mkdir, rmdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { EngineError } from '../errors/engine-error.js'
import type { ImageRecord } from '../image/image-record.js'
import { type PreparedImage, prepareImage } from '../image/prepare-image.js'
import type { VolumeMessage } from '../native/create-message.js'
import type { ImageConfig } from '../oci/image-config.js'
import type { ContainerOptions } from '../runtime/container-options.js'
import { imageVolumeTargets } from '../runtime/image-volumes.js'
import { mountTarget } from '../runtime/mount-checks.js'
import type { BindMount, ImageMount, Mount, VolumeMount } from '../runtime/mount-options.js'
import type { ResolvedImage, ResolvedMount } from '../runtime/resolved-mount.js'
import { fileStep } from '../store/store-failure.js'
import type { UndoStack } from '../util/undo-stack.js'
import type { DriverMount } from '../volume/driver-mounts.js'
import type { ContainerContext } from './container-context.js'
import type { ContainerMount, ContainerRecord } from './container-record.js'
import { type ResolvedVolumeMount, resolveVolume } from './resolve-volume.js'

/** What a container mounts, for its specification, for the supervisor and for its record. */
export interface ResolvedMounts {
  readonly mounts: readonly ResolvedMount[]
  readonly volumes: readonly VolumeMessage[]
  readonly images: Readonly<Record<string, readonly string[]>>
  readonly record: Pick<ContainerRecord, 'mounts' | 'mountedImages'>
  /** What plugins have mounted for it: to be released when it is gone. */
  readonly byDrivers: readonly DriverMount[]
}

export interface MountRequest {
  /** Of the container. */
  readonly id: string
  /** Checked. */
  readonly options: ContainerOptions
  readonly config: ImageConfig
  /** By what the mounts call them. */
  readonly mountedImages: ReadonlyMap<string, ImageRecord | PreparedImage>
}

interface Resolved extends Partial<Omit<ResolvedVolumeMount, 'mount' | 'recorded'>> {
  readonly mount: ResolvedMount
  readonly recorded: ContainerMount
  readonly image?: { readonly key: string; readonly layers: readonly string[]; readonly digest: string }
}

const none: ResolvedMounts = { mounts: [], volumes: [], images: {}, record: {}, byDrivers: [] }

/** Finds the volumes and images that the options and the image speak of. What it makes itself is undone by `undo`. */
export async function resolveMounts(
  context: ContainerContext,
  request: MountRequest,
  undo: UndoStack,
): Promise<ResolvedMounts> {
  const { options, config } = request
  if (!options.mounts?.length && !config.volumes?.length) return none
  const wanted = [...(options.mounts ?? []), ...imageVolumes(request)]
  if (wanted.length === 0) return none
  const resolved: Resolved[] = []
  for (const mount of wanted) resolved.push(await resolveMount(context, request, mount, undo))
  const images = resolved.flatMap(({ image }) => image ?? [])
  return {
    mounts: resolved.map(({ mount }) => mount),
    volumes: resolved.flatMap(({ volume }) => volume ?? []),
    byDrivers: resolved.flatMap(({ byDriver }) => byDriver ?? []),
    images: Object.fromEntries(images.map(({ key, layers }) => [key, layers])),
    record: {
      mounts: resolved.map(({ recorded }) => recorded),
      ...(images.length > 0 && {
        mountedImages: images.map(({ digest, layers }) => ({ digest, diffIds: layers.map((hex) => `sha256:${hex}`) })),
      }),
    },
  }
}

// Where the options mount something else, the image has no say.
function imageVolumes({ options, config }: MountRequest): readonly VolumeMount[] {
  const taken = new Set((options.mounts ?? []).map(({ target }) => mountTarget(target)))
  const targets = imageVolumeTargets(config.volumes).filter((target) => !taken.has(target))
  return targets.map((target) => ({ type: 'volume', target }))
}

async function resolveMount(
  context: ContainerContext,
  request: MountRequest,
  mount: Mount,
  undo: UndoStack,
): Promise<Resolved> {
  if (mount.type === 'volume') return await resolveVolume(context, request, mount, undo)
  if (mount.type === 'image') return await resolveImage(context, request, mount)
  if (mount.type === 'bind' && mount.createSource) await makeSource(mount, undo)
  const source = mount.type === 'bind' ? mount.source : null
  return { mount, recorded: { type: mount.type, source, target: mount.target, readonly: mount.readonly ?? false } }
}

async function resolveImage(
  context: ContainerContext,
  { options, mountedImages }: MountRequest,
  { source, target, subpath }: ImageMount,
): Promise<Resolved> {
  const found = mountedImages.get(source)
  if (found === undefined) throw new Error(`the image ${source} was not looked up`)
  const { layers, digest, hostUsr } = await prepareImage(await context.images(), found, options.signal)
  if (hostUsr) {
    throw new EngineError({
      code: 'ERR_UNSUPPORTED',
      message: 'mounts: the image of the host has no files of its own that could be mounted',
      option: 'mounts',
      hint: "mount '/usr' with type 'bind'",
    })
  }
  const mount: ResolvedImage = { type: 'image', key: digest, target, subpath }
  return {
    mount,
    image: { key: digest, layers, digest },
    recorded: { type: 'image', source, target, readonly: true },
  }
}

// A file, a device or a socket is there, and stays what it is.
function unlessThere(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'EEXIST') throw error
}

async function makeSource({ source }: BindMount, undo: UndoStack): Promise<void> {
  const first = await fileStep('make bind source', source, () => mkdir(source, { recursive: true }).catch(unlessThere))
  if (first === undefined) return
  undo.push('make bind source', async () => {
    // Only what is still empty.
    for (let path = source; path.length >= first.length; path = dirname(path)) await rmdir(path)
  })
}
