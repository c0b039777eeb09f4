// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:fs'
import { posix } from 'node:path'
import { invalidArgument } from '../errors/invalid-argument.js'
import { quoted } from '../errors/printable.js'
import { optionCheck } from '../runtime/option-checks.js'
import { type Check, check, type Shape } from '../util/validate.js'
import { type CallOptions, callShape } from './call-options.js'
import type { FileType } from './file-stats.js'

/** Who owns what is made: a name or number, `user:group`, looked up in the container's own /etc/passwd and /etc/group. */
export type FileOwner = string | number

/** What a new file or directory is like. */
export interface MakeOptions extends CallOptions {
  /** Permission bits, exactly: no umask takes any away. */
  readonly mode?: number | undefined
  /** The container's root by default. */
  readonly owner?: FileOwner | undefined
}

/** How to make a directory. */
export interface MkdirOptions extends MakeOptions {
  /** Also those above it; and it is no error if it is there. */
  readonly recursive?: boolean | undefined
}

/** How to read a file. */
export interface ReadFileOptions extends CallOptions {
  /** Without one, the bytes. */
  readonly encoding?: BufferEncoding | undefined
}

/** How to write a file. */
export interface WriteFileOptions extends MakeOptions {
  /** `'w'` by default; `'wx'`: it must not be there; `'a'`: behind what is there. */
  readonly flag?: string | undefined
  /** Of a text; `'utf8'` by default. */
  readonly encoding?: BufferEncoding | undefined
}

/** How to list a directory. */
export interface ReaddirOptions extends CallOptions {
  /** Also what is in the directories in it; links are not followed. */
  readonly recursive?: boolean | undefined
  /** Entries with their types in place of names. */
  readonly withFileTypes?: boolean | undefined
}

/** How to remove. */
export interface RmOptions extends CallOptions {
  /** A directory with everything in it. */
  readonly recursive?: boolean | undefined
  /** It is no error if there is nothing. */
  readonly force?: boolean | undefined
}

/** How to change the owner. */
export interface ChownOptions extends CallOptions {
  /** False: of a symbolic link itself. */
  readonly followLinks?: boolean | undefined
}

/** What to watch. */
export interface WatchOptions extends CallOptions {
  /** Also everything below the directory, what comes there later included. */
  readonly recursive?: boolean | undefined
}

/** What a filter of a copy is asked about. */
export interface CopiedEntry {
  /** Below what is copied, without a slash at its beginning. */
  readonly path: string
  /** What it is; hard links are files. */
  readonly type: FileType
}

/** How to copy out of a container. */
export interface CopyOptions extends CallOptions {
  /** False leaves it out, and of a directory all in it. An error thrown in it ends the copy, and is its rejection. */
  readonly filter?: ((entry: CopiedEntry) => boolean) | undefined
}

/** How to copy into a container. */
export interface CopyInOptions extends CopyOptions {
  /**
   * Of everything that is copied. By default what comes from the host is the container's root's, and a tar's is as the tar says; where the engine has
   * no id but the caller's, root's too. ERR_USER_UNMAPPED where the container has no such id.
   */
  readonly owner?: FileOwner | undefined
  /** Permission bits of every file; directories get the same, and `x` where there is `r`. As in the source by default. */
  readonly mode?: number | undefined
}

const mode = check.integer({ min: 0, max: 0o7777 })
const makeShape: Shape<MakeOptions> = { ...callShape, mode, owner: optionCheck.user }
const encoding = check.oneOf(
  'utf8',
  'utf-8',
  'utf16le',
  'ucs2',
  'latin1',
  'binary',
  'ascii',
  'base64',
  'base64url',
  'hex',
)
const copyShape: Shape<CopyOptions> = { ...callShape, filter: check.function }

/** The shapes of the options above. */
export const fileShapes = {
  make: makeShape,
  mkdir: { ...makeShape, recursive: check.boolean } satisfies Shape<MkdirOptions>,
  readFile: { ...callShape, encoding } satisfies Shape<ReadFileOptions>,
  writeFile: { ...makeShape, flag: check.nonEmptyString, encoding } satisfies Shape<WriteFileOptions>,
  readdir: {
    ...callShape,
    recursive: check.boolean,
    withFileTypes: check.boolean,
  } satisfies Shape<ReaddirOptions>,
  rm: { ...callShape, recursive: check.boolean, force: check.boolean } satisfies Shape<RmOptions>,
  chown: { ...callShape, followLinks: check.boolean } satisfies Shape<ChownOptions>,
  watch: { ...callShape, recursive: check.boolean } satisfies Shape<WatchOptions>,
  copy: copyShape,
  copyIn: { ...copyShape, mode, owner: optionCheck.user } satisfies Shape<CopyInOptions>,
} as const

/** Refuses what is no absolute path. */
export function checkPath(path: unknown, option = 'path'): asserts path is string {
  optionCheck.absolutePath(path, option)
}

/** Permission bits that a call has to be given. */
export const checkMode: Check = mode

/** The owner in the form of the messages. */
export const ownerText = (owner: FileOwner | undefined): { readonly owner?: string } =>
  owner === undefined ? {} : { owner: String(owner) }

/** The path without what says nothing: `/a//b/` is `/a/b`. Not `..`, which may lead elsewhere where there are links. */
export const plainPath = (path: string): string =>
  posix.join('/', ...path.split('/').filter((part) => part !== '' && part !== '.'))

const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_SYNC } = constants
const flags: Readonly<Record<string, number>> = {
  r: O_RDONLY,
  rs: O_RDONLY | O_SYNC,
  'r+': O_RDWR,
  'rs+': O_RDWR | O_SYNC,
  w: O_WRONLY | O_CREAT | O_TRUNC,
  wx: O_WRONLY | O_CREAT | O_TRUNC | O_EXCL,
  'w+': O_RDWR | O_CREAT | O_TRUNC,
  'wx+': O_RDWR | O_CREAT | O_TRUNC | O_EXCL,
  a: O_WRONLY | O_CREAT | O_APPEND,
  ax: O_WRONLY | O_CREAT | O_APPEND | O_EXCL,
  as: O_WRONLY | O_CREAT | O_APPEND | O_SYNC,
  'a+': O_RDWR | O_CREAT | O_APPEND,
  'ax+': O_RDWR | O_CREAT | O_APPEND | O_EXCL,
  'as+': O_RDWR | O_CREAT | O_APPEND | O_SYNC,
}

/** Node's flags of opening as the kernel's. */
export function openFlags(given: string | number, option = 'flags'): number {
  const number = typeof given === 'string' && Object.hasOwn(flags, given) ? flags[given] : given
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) return number
  throw invalidArgument(
    option,
    `${quoted(given)} says not how to open a file`,
    `one of ${Object.keys(flags).join(', ')}`,
  )
}
