// SPDX-License-Identifier: Apache-2.0
// What builds ask of the supervisor (addon/supervisor/build_request.h). Layers are hex diffIDs, the lowest first.

/** What COPY and ADD name in a context (the descriptor of the message) or in the root that `from` stacks. */
export interface SourceArguments {
  readonly from?: readonly string[] | undefined
  readonly selection: {
    readonly sources: readonly string[]
    readonly ignore?: readonly string[] | undefined
    readonly exclude?: readonly string[] | undefined
    readonly parents?: boolean | undefined
  }
}

export interface BuildCopyArguments extends SourceArguments {
  /** The staging directory below tmp/. */
  readonly name: string
  readonly layers: readonly string[]
  readonly destination: string
  readonly owner?: string | undefined
  readonly mode?: string | undefined
  readonly unpack: boolean
  /** The digest that the selection is to have. */
  readonly expected?: string | undefined
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
