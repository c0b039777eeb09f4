// SPDX-License-Identifier: Apache-2.0

/** One way to take a defence away. */
export interface Defence {
  /** What is not so without it. */
  readonly without: string
  /** What is replaced in which files: each text stands in its file once. */
  readonly edits: readonly (readonly [file: string, from: string, to: string])[]
  /** Which tests then have to fail, by file and title as docs/security.md has them. */
  readonly red: readonly (readonly [file: string, title: string])[]
  /** Those of one group have nothing to do with each other: they are taken away together. */
  readonly group?: string
}
