// SPDX-License-Identifier: Apache-2.0

/** What a name in a file system can stand for. */
export type FileType = 'file' | 'directory' | 'symlink' | 'fifo' | 'socket' | 'block-device' | 'character-device'

const byFormat: ReadonlyMap<number, FileType> = new Map([
  [0o100000, 'file'],
  [0o040000, 'directory'],
  [0o120000, 'symlink'],
  [0o010000, 'fifo'],
  [0o140000, 'socket'],
  [0o060000, 'block-device'],
  [0o020000, 'character-device'],
])
const byLetter: ReadonlyMap<string, FileType> = new Map([
  ['f', 'file'],
  ['d', 'directory'],
  ['l', 'symlink'],
  ['p', 'fifo'],
  ['s', 'socket'],
  ['b', 'block-device'],
  ['c', 'character-device'],
])

/** The type that a letter of addon/layer/entry_sieve.h stands for. */
export const fileType = (letter: string): FileType => byLetter.get(letter) ?? 'file'

/** As the worker gives it. */
export type StatMessage = Omit<FileStats, 'type' | 'mtime' | 'atime' | 'isFile' | 'isDirectory' | 'isSymbolicLink'>

/** What is known of a file in a container; like `Stats` of `node:fs`. Owners are those that the container sees. */
export class FileStats {
  /** What it is. */
  readonly type: FileType
  /** Type and permission bits, as in `st_mode`: `mode & 0o7777` are the latter. */
  readonly mode: number
  /** The owner's number inside. */
  readonly uid: number
  /** The group's number inside. */
  readonly gid: number
  /** Bytes. */
  readonly size: number
  /** How many names it has. */
  readonly nlink: number
  /** Its number in its file system. */
  readonly ino: number
  /** 512 bytes each, on the disk. */
  readonly blocks: number
  /** Major and minor number of a device. */
  readonly rdev: readonly [number, number]
  /** When it was last read, in milliseconds since 1970. */
  readonly atimeMs: number
  /** When its content last changed. */
  readonly mtimeMs: number
  /** When anything about it last changed. */
  readonly ctimeMs: number
  /** When it was made; null where the file system does not keep that. */
  readonly birthtimeMs: number | null

  /** @internal */
  constructor(message: StatMessage) {
    this.type = byFormat.get(message.mode & 0o170000) ?? 'file'
    this.mode = message.mode
    this.uid = message.uid
    this.gid = message.gid
    this.size = message.size
    this.nlink = message.nlink
    this.ino = message.ino
    this.blocks = message.blocks
    this.rdev = message.rdev
    this.atimeMs = message.atimeMs
    this.mtimeMs = message.mtimeMs
    this.ctimeMs = message.ctimeMs
    this.birthtimeMs = message.birthtimeMs
  }

  /** When its content last changed. */
  get mtime(): Date {
    return new Date(this.mtimeMs)
  }

  /** When it was last read. */
  get atime(): Date {
    return new Date(this.atimeMs)
  }

  /** Whether it is a regular file. */
  isFile(): boolean {
    return this.type === 'file'
  }

  /** Whether it is a directory. */
  isDirectory(): boolean {
    return this.type === 'directory'
  }

  /** Whether it is a symbolic link; only `lstat` says so. */
  isSymbolicLink(): boolean {
    return this.type === 'symlink'
  }
}

/** A name in a directory of a container. */
export interface FileEntry {
  /** Its name; with `recursive` its path below the directory. Bytes that are not UTF-8 are U+FFFD. */
  readonly name: string
  /** Absolute, inside. */
  readonly path: string
  /** What it is; a link is not followed. */
  readonly type: FileType
}
