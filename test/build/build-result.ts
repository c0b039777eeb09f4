// SPDX-License-Identifier: Apache-2.0

/** What a root file system has at one path. Times are left out. */
export interface TreeEntry {
  readonly type: 'file' | 'symlink' | 'char' | 'block' | 'directory' | 'fifo'
  /** Octal, four digits. */
  readonly mode: string
  readonly uid: number
  readonly gid: number
  /** Of a file: its content where that is short and printable, else size and digest. */
  readonly text?: string
  readonly size?: number
  readonly sha256?: string
  /** Of a symlink. */
  readonly target?: string
  readonly device?: readonly [number, number]
  /** Values in base64. */
  readonly xattrs?: Readonly<Record<string, string>>
  /** The first path, by order, of the hard links that it is one of. */
  readonly links?: string
  /** Seconds since 1970, only of the paths that a case names. */
  readonly mtime?: number
}

export type Tree = Readonly<Record<string, TreeEntry>>

export interface HistoryEntry {
  readonly created_by?: string
  readonly comment?: string
  readonly author?: string
  readonly empty_layer?: boolean
}

/** An image, as it differs from the base image of the case: what is in the base as it was is left out. */
export interface BuiltImage {
  readonly platform: string
  /** The `config` of the OCI image configuration as it is. */
  readonly config: Readonly<Record<string, unknown>>
  readonly author?: string
  readonly history: readonly HistoryEntry[]
  /** Entries that are new or other than in the base. */
  readonly tree: Tree
  /** Paths of the base that are gone. */
  readonly removed: readonly string[]
  /** The paths of each layer above the base, whiteouts too, sorted. */
  readonly layers: readonly (readonly string[])[]
}

/** A lint warning. */
export interface BuildWarning {
  readonly rule: string
  readonly line?: number
  readonly message: string
}

/** How one build ended. */
export interface BuildOutcome {
  readonly image?: BuiltImage
  /** Why it failed, and the line of the Dockerfile that is to blame. */
  readonly error?: { readonly message: string; readonly line?: number }
  readonly warnings: readonly BuildWarning[]
}

/** What was seen of a case; the goldens are of this form, and so is what another builder is compared by. */
export interface CaseResult {
  readonly builds: readonly BuildOutcome[]
  /** For each volatile path: for each build the number of the first build that had the same content there, or null where it is missing. */
  readonly agreement?: Readonly<Record<string, readonly (number | null)[]>>
}
