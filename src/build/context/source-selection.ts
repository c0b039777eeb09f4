// SPDX-License-Identifier: Apache-2.0

/** What COPY or ADD names in a context, a stage or an image. */
export interface SourceSelection {
  /** Paths below the root, with wildcards in any part; `**` is any number of directories. A directory means what is in it. */
  readonly sources: readonly string[]
  /** Patterns of an ignore file, for paths of the whole tree: the last that matches decides, `!` takes back. */
  readonly ignore?: readonly string[] | undefined
  /** The same below each directory that is named, and for the names of files. */
  readonly exclude?: readonly string[] | undefined
  /** What is copied keeps its path, from `/./` on where a source has that. */
  readonly parents?: boolean | undefined
}

/** What a selection is now. */
export interface SourceState {
  /** Over names, kinds, modes, sizes, links, attributes and content; of layers over owners too. Times do not count. */
  readonly digest: string
  readonly entries: number
  /** Of regular files. */
  readonly bytes: number
}
