// SPDX-License-Identifier: Apache-2.0

/** One entry of a context, or of the root of a base image. Parents that are not listed are directories of mode 0755. */
export type ContextEntry =
  | { readonly type: 'file'; readonly content: string | Uint8Array; readonly mode?: number; readonly mtime?: number }
  | { readonly type: 'directory'; readonly mode?: number }
  | { readonly type: 'symlink'; readonly target: string }
  /** `target` is another path of the same context. */
  | { readonly type: 'hardlink'; readonly target: string }
  | { readonly type: 'fifo'; readonly mode?: number }
  /** A tar of these entries, owned by `uid` and `gid`, 0 by default. */
  | {
      readonly type: 'tar'
      readonly entries: readonly TarEntry[]
      readonly compression?: 'gzip' | 'bzip2' | 'xz' | 'zstd'
    }

/** An entry of a tar inside a context, in the order given. */
export interface TarEntry {
  readonly path: string
  readonly type?: 'file' | 'link' | 'symlink' | 'directory'
  readonly data?: string
  readonly target?: string
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
}

/** Paths to entries; a string is a file of mode 0644 with that content. */
export type Context = Readonly<Record<string, string | ContextEntry>>

/** What a server on the loopback answers for a path; `http://{{server}}` in a Dockerfile stands for it. */
export interface ServedFile {
  readonly content: string | Uint8Array
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
}

/** What differs between the builds of a sequence: each field replaces the case's own. */
export interface BuildStep {
  readonly dockerfile?: string
  /** Entries to put over the context before this build; null removes one. */
  readonly change?: Readonly<Record<string, string | ContextEntry | null>>
  readonly args?: Readonly<Record<string, string>>
  readonly secrets?: Readonly<Record<string, string>>
  readonly target?: string
  readonly noCache?: boolean
}

/** A behaviour of BuildKit: something to build, and what its image shows. */
export interface BuildCase {
  /** Unique; kebab-case, since it names the golden. What is expected to be seen. */
  readonly name: string
  /** `FROM` names one of base-images.ts, `scratch`, or a stage. */
  readonly dockerfile: string
  readonly context?: Context
  /** The path of the Dockerfile in the context, if not `Dockerfile`. */
  readonly file?: string
  readonly target?: string
  readonly args?: Readonly<Record<string, string>>
  /** Contents by id. */
  readonly secrets?: Readonly<Record<string, string>>
  /** More contexts by name (`--build-context`). */
  readonly contexts?: Readonly<Record<string, Context>>
  readonly labels?: Readonly<Record<string, string>>
  readonly platform?: string
  readonly served?: Readonly<Record<string, ServedFile>>
  /** Several builds, one after another, with the same cache. Without it there is one. */
  readonly builds?: readonly BuildStep[]
  /**
   * Files whose content differs whenever the step that writes them runs: of these not the content is compared but which builds of the sequence
   * agree.
   */
  readonly volatile?: readonly string[]
  /** Paths of the image of which the modification time is compared too. */
  readonly mtimes?: readonly string[]
  /** The build must fail. */
  readonly fails?: true
  /** The first version of the Dockerfile front end that knows it, where the recording one may be older. Such a case may lack a golden. */
  readonly since?: string
}
