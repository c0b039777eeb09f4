// SPDX-License-Identifier: Apache-2.0

// Messages about the files of containers (docs/protocol.md).

export type FileCall =
  | 'stat'
  | 'open'
  | 'readdir'
  | 'mkdir'
  | 'rm'
  | 'rename'
  | 'chmod'
  | 'chown'
  | 'utimes'
  | 'symlink'
  | 'link'
  | 'readlink'
  | 'realpath'

/** What a call takes beside its path. */
export interface FileCallArguments {
  readonly call: FileCall
  readonly path: string
  readonly to?: string
  readonly follow?: boolean
  readonly recursive?: boolean
  readonly force?: boolean
  readonly flags?: number
  readonly mode?: number
  readonly owner?: string
  readonly atimeMs?: number
  readonly mtimeMs?: number
}

export type FileCopyArguments =
  | { readonly what: 'in'; readonly path: string; readonly owner?: string; readonly mode?: number }
  | { readonly what: 'out'; readonly path: string; readonly as?: string }
  | {
      readonly what: 'inject'
      readonly files: readonly {
        readonly path: string
        readonly size: number
        readonly mode?: number
        readonly owner?: string
      }[]
    }
