// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../../errors/engine-error.js'
import { quoted } from '../../errors/printable.js'
import type { LayerContext } from '../../layer/layer-context.js'
import type { Digest } from '../../oci/digest.js'
import type { ResolvedMount } from '../../runtime/resolved-mount.js'
import { layerName } from '../../store/store-paths.js'
import type { UndoStack } from '../../util/undo-stack.js'
import { type CacheSharing, openCacheDirectory } from './cache-directory.js'

/**
 * What a command sees beside its root, and what no layer keeps: another root (a stage, or a copy of a context, which then cannot be changed under
 * the command) to be read, a file system in memory, a directory that later builds find again, a secret.
 */
export type RunMount =
  | {
      readonly type: 'layers'
      /** Absolute. */
      readonly target: string
      /** The lowest first. */
      readonly layers: readonly Digest[]
      /** The part of it that is mounted, links resolved inside. */
      readonly subpath?: string | undefined
    }
  | {
      readonly type: 'tmpfs'
      /** Absolute. */
      readonly target: string
      /** Bytes; 64 MiB by default. */
      readonly size?: number | undefined
    }
  | {
      readonly type: 'cache'
      /** Absolute. */
      readonly target: string
      readonly id: string
      readonly sharing: CacheSharing
      readonly readonly?: boolean | undefined
    }
  | SecretMount

/** A file in memory below /run/secrets, or a variable of the command; never on a disk, in a layer or in a key. */
export interface SecretMount {
  readonly type: 'secret'
  readonly content: Uint8Array
  /** A file directly in /run/secrets: elsewhere ERR_UNSUPPORTED. */
  readonly target?: string | undefined
  /** The variable's name. */
  readonly env?: string | undefined
  /** 0o400 by default. */
  readonly mode?: number | undefined
  /** `uid:gid`; root by default. */
  readonly owner?: string | undefined
}

/** A secret that is a file. */
export interface SecretFile {
  readonly path: string
  readonly content: Uint8Array
  readonly mode: number
  readonly owner?: string | undefined
}

/** The mounts as a plan and messages have them. */
export interface PreparedMounts {
  readonly mounts: readonly ResolvedMount[]
  readonly images: Readonly<Record<string, readonly string[]>>
  readonly secrets: readonly SecretFile[]
  readonly env: Readonly<Record<string, string>>
  /** Places that are made to mount something upon. */
  readonly mountPoints: readonly string[]
}

const secretsDirectory = '/run/secrets'
const secretsBytes = 8 * 1024 * 1024

/** Gets what the mounts show; what has to be let go of afterwards is pushed. */
export async function prepareMounts(
  context: LayerContext,
  mounts: readonly RunMount[],
  undo: UndoStack,
  signal?: AbortSignal,
): Promise<PreparedMounts> {
  const images: Record<string, readonly string[]> = {}
  const env: Record<string, string> = {}
  const secrets: SecretFile[] = []
  const resolved: ResolvedMount[] = []
  for (const [number, mount] of mounts.entries()) {
    if (mount.type === 'layers') {
      const key = `root-${number}`
      images[key] = mount.layers.map(layerName)
      resolved.push({ type: 'image', key, target: mount.target, subpath: mount.subpath })
    } else if (mount.type === 'tmpfs') {
      resolved.push({ type: 'tmpfs', target: mount.target, size: mount.size, exec: true })
    } else if (mount.type === 'cache') {
      const cache = await openCacheDirectory(context, mount, signal)
      undo.push('cache', () => cache.release())
      resolved.push({ type: 'bind', source: cache.path, target: mount.target, readonly: mount.readonly })
    } else {
      if (mount.env !== undefined) env[mount.env] = Buffer.from(mount.content).toString()
      if (mount.target !== undefined) secrets.push(secretFile(mount, mount.target))
    }
  }
  if (secrets.length > 0) resolved.push({ type: 'tmpfs', target: secretsDirectory, size: secretsBytes, mode: 0o755 })
  return { mounts: resolved, images, secrets, env, mountPoints: resolved.map(({ target }) => target) }
}

function secretFile({ content, mode = 0o400, owner }: SecretMount, target: string): SecretFile {
  const name = target.startsWith(`${secretsDirectory}/`) ? target.slice(secretsDirectory.length + 1) : ''
  if (name === '' || name === '.' || name === '..' || name.includes('/') || name.includes('\0')) {
    throw new EngineError({
      code: 'ERR_UNSUPPORTED',
      message: `a secret cannot be mounted at ${quoted(target, 200)}: only files in ${secretsDirectory} are in memory`,
      hint: 'leave the target out, or use the secret as a variable (env=NAME)',
    })
  }
  return { path: target, content, mode, owner }
}
