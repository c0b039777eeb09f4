// SPDX-License-Identifier: Apache-2.0

import type { Connection } from '../native/connection.js'
import type { HelloResult } from '../native/messages.js'
import type { Digest } from '../oci/digest.js'
import { layerError } from './layer-error.js'

/** What decides how a layer's files are written on this host. */
export type UnpackHost = Pick<HelloResult, 'rootless' | 'idMap' | 'mappedIds' | 'userxattr' | 'snapshotter'>

/** How the bytes of a layer are compressed, found out by looking at them. */
export type LayerCompression = 'plain' | 'gzip' | 'zstd'

/** What a layer turned out to be. */
export interface UnpackedLayer {
  /** Of the bytes as they came. */
  readonly digest: Digest
  /** Of the tar inside. */
  readonly diffId: Digest
  /** Bytes as they came. */
  readonly size: number
  /** Bytes of the tar inside. */
  readonly plainSize: number
  readonly entries: number
  readonly compression: LayerCompression
  readonly skippedDevices: number
  readonly droppedXattrs: number
  /** Directories that have no entry of their own, the root (`''`) among them; names that are not UTF-8 are in the second list, a code point a byte. */
  readonly impliedParents: readonly string[]
  readonly impliedParentsLatin1: readonly string[]
  /** The layers below are hidden altogether. */
  readonly opaqueRoot: boolean
}

export interface UnpackRequest {
  /** Where the layer's bytes are read from, to their end. */
  readonly input: number
  /** An empty directory. */
  readonly target: number
  /** Gets a copy of the bytes. */
  readonly copy?: number | undefined
  /** What has to hold, where it is known. */
  readonly expected?: {
    readonly digest?: Digest | undefined
    readonly size?: number | undefined
    readonly diffId?: Digest | undefined
    /** Whoever writes the input checks the digest: it need not be hashed twice. */
    readonly digestElsewhere?: true | undefined
  }
  readonly host: UnpackHost
  readonly signal?: AbortSignal | undefined
  /** For the wording of a failure: `import 'rootfs.tar'`. */
  readonly doing: string
  /** Bytes read so far. */
  readonly onProgress?: ((readBytes: number) => void) | undefined
}

interface UnpackReport {
  readonly read?: number
  readonly impliedParents?: readonly string[]
  readonly impliedParentsLatin1?: readonly string[]
}

/** Has a worker unpack one layer. ERR_LAYER_INVALID and ERR_DIGEST_MISMATCH name the entry; the target is then to be removed. */
export async function unpackLayer(connection: Connection, request: UnpackRequest): Promise<UnpackedLayer> {
  const { input, target, copy, expected, host, signal, doing } = request
  const implied: string[] = []
  const impliedLatin1: string[] = []
  const take = (report: UnpackReport) => {
    for (const path of report.impliedParents ?? []) implied.push(path)
    for (const path of report.impliedParentsLatin1 ?? []) impliedLatin1.push(path)
    if (report.read !== undefined) request.onProgress?.(report.read)
  }
  const fds = copy === undefined ? [input, target] : [input, target, copy]
  const result = (await work(
    connection,
    'layer.unpack',
    { ...expected, ...hostArguments(host) },
    {
      fds,
      signal,
      doing,
      onProgress: (report) => take(report as UnpackReport),
    },
  )) as UnpackedLayer
  take(result)
  return { ...result, impliedParents: implied, impliedParentsLatin1: impliedLatin1 }
}

interface WorkOptions {
  readonly fds: readonly number[]
  readonly signal?: AbortSignal | undefined
  readonly doing: string
  readonly onProgress?: ((report: unknown) => void) | undefined
}

/** Has a confined worker do one kind of work (addon/layer/worker.h). */
export async function work(connection: Connection, kind: string, args: object, options: WorkOptions): Promise<unknown> {
  const { fds, signal, doing, onProgress } = options
  try {
    const { result } = await connection.request(
      'work',
      { kind, args },
      {
        fds,
        signal,
        failure: { doing },
        onProgress: (report, extra) => {
          for (const fd of extra) fd.close()
          onProgress?.(report)
        },
      },
    )
    return result
  } catch (error) {
    throw layerError(error)
  }
}

// Rootless, the kernel makes no devices; ids that are not mapped cannot be written.
function hostArguments(host: UnpackHost): object {
  return {
    userXattr: host.userxattr,
    devices: !host.rootless,
    singleId: host.idMap === 'single',
    ...(host.idMap === 'subids' && { maxId: host.mappedIds }),
  }
}
