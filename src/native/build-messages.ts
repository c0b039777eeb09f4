// SPDX-License-Identifier: Apache-2.0
// What builds ask of the supervisor (addon/supervisor/build_request.h). Layers are hex diffIDs, the lowest first.

/** What COPY and ADD name in a context (a descriptor of the message) or in the root that `from` stacks. */
export interface SourceArguments {
  /** A position in the descriptors that travel with the message. */
  readonly context?: number | undefined
  readonly from?: readonly string[] | undefined
  readonly selection: {
    readonly sources: readonly string[]
    readonly ignore?: readonly string[] | undefined
    readonly exclude?: readonly string[] | undefined
    readonly parents?: boolean | undefined
  }
}

/** One source of a copy. */
export interface CopySourceArguments extends SourceArguments {
  readonly unpack: boolean
  /** The digest that the selection is to have. */
  readonly expected?: string | undefined
}

export interface BuildCopyArguments {
  /** The staging directory below tmp/. */
  readonly name: string
  readonly layers: readonly string[]
  readonly destination: string
  readonly owner?: string | undefined
  readonly mode?: string | undefined
  /** One after the other. */
  readonly sources: readonly CopySourceArguments[]
  /** Seconds since 1970, of directories that are made. */
  readonly madeAt: number
  readonly maxMtime?: number | undefined
}

export interface BuildMkdirArguments {
  readonly name: string
  readonly layers: readonly string[]
  readonly path: string
  readonly owner?: string | undefined
  readonly madeAt: number
}

/** A directory that commands of builds find again (addon/supervisor/build_cache.h). */
export interface BuildCacheArguments {
  /** 64 hex digits. */
  readonly cache: string
  readonly number: number
  /** What it begins with. */
  readonly layers: readonly string[]
  readonly source?: string | undefined
  readonly uid?: number | undefined
  readonly gid?: number | undefined
  readonly mode?: number | undefined
}

/** What was copied. */
export interface CopyResult extends StagedLayer {
  /** Of each source, as `build.digest` gives it. */
  readonly digests: readonly string[]
  /** Of regular files. */
  readonly bytes: number
}

/** A layer that lies in its staging directory. */
export interface StagedLayer {
  /** Null: nothing had to be done. */
  readonly diffId: string | null
  /** Bytes of its tar. */
  readonly size: number
  readonly entries: number
  readonly skippedDevices?: number
  readonly droppedXattrs?: number
}

export interface SourceDigestResult {
  readonly digest: string
  readonly entries: number
  /** Of regular files. */
  readonly bytes: number
}
