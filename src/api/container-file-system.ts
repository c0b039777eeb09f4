// SPDX-License-Identifier: Apache-2.0
import type { FileHandle } from 'node:fs/promises'
import { askFile } from '../container/ask-file.js'
import { type CallOptions, callShape } from '../container/call-options.js'
import { copyIn, copyOutAsTar, copyOutToHost } from '../container/copy-files.js'
import { type FileContent, listDirectory, openFile, readFile, statFile, writeFile } from '../container/file-calls.js'
import {
  type ChownOptions,
  type CopyInOptions,
  type CopyOptions,
  checkMode,
  checkPath,
  type FileOwner,
  fileShapes,
  type MakeOptions,
  type MkdirOptions,
  ownerText,
  type ReaddirOptions,
  type ReadFileOptions,
  type RmOptions,
  type WatchOptions,
  type WriteFileOptions,
} from '../container/file-options.js'
import type { FileEntry, FileStats } from '../container/file-stats.js'
import type { Subject } from '../container/operate.js'
import { type FileWatch, watchFiles } from '../container/watch-files.js'
import { EngineError } from '../errors/engine-error.js'
import { invalidArgument } from '../errors/invalid-argument.js'
import type { ByteStream } from '../layer/byte-source.js'
import { optionCheck } from '../runtime/option-checks.js'
import { check, checkOptions } from '../util/validate.js'

/**
 * The files of a container, much as `node:fs/promises` has those of the host. Paths are absolute and resolved inside: no link, and nothing that
 * changes meanwhile, leads out. Nothing of the image is run, so that it need not have anything.
 *
 * In a container that is created, running or paused its mounts are seen as it sees them; of a stopped one its own file system, without
 * volumes, binds and tmpfs. Owners are those inside. Failures are ERR_FILE_NOT_FOUND, ERR_FILE_EXISTS, ERR_FILE_TYPE, ERR_PERMISSION and
 * others, with the kernel's name in `errno` and the path in `object`.
 */
export class ContainerFileSystem {
  readonly #subject: Subject

  /** @internal */
  constructor(subject: Subject) {
    this.#subject = subject
  }

  /** The content; as a text where an encoding is given. */
  readFile(
    path: string,
    options: BufferEncoding | (ReadFileOptions & { readonly encoding: BufferEncoding }),
  ): Promise<string>
  readFile(path: string, options?: ReadFileOptions): Promise<Buffer>
  async readFile(path: string, options: BufferEncoding | ReadFileOptions = {}): Promise<string | Buffer> {
    const given = typeof options === 'string' ? { encoding: options } : options
    checkPath(path)
    checkOptions<ReadFileOptions>(given, fileShapes.readFile)
    const content = await readFile(this.#subject, path, given)
    return given.encoding === undefined ? content : content.toString(given.encoding)
  }

  /** Writes a text, bytes or a stream; a file that is missing is made, 0644 by default, one that is there keeps mode and owner. */
  async writeFile(path: string, content: FileContent, options: WriteFileOptions = {}): Promise<void> {
    await writeFile(this.#subject, path, content, options)
  }

  /** Writes behind what is there. */
  async appendFile(path: string, content: FileContent, options: WriteFileOptions = {}): Promise<void> {
    await writeFile(this.#subject, path, content, { flag: 'a', ...options })
  }

  /**
   * A FileHandle of Node's own; whoever opens it closes it. Flags are those of Node. Regular files only: ERR_FILE_TYPE for all else. It can be
   * read and written whoever owns the file; `chmod` and `chown` through it ask what this user may, those of this class do not. Close it before
   * the container is started again: a stopped container's root is mounted anew then.
   */
  async open(path: string, flags: string | number = 'r', options: MakeOptions = {}): Promise<FileHandle> {
    return await openFile(this.#subject, path, flags, options)
  }

  /** What is known of a file; of what it leads to if it is a link. */
  async stat(path: string, options: CallOptions = {}): Promise<FileStats> {
    return await statFile(this.#subject, path, { follow: true, options })
  }

  /** The same of a link itself. */
  async lstat(path: string, options: CallOptions = {}): Promise<FileStats> {
    return await statFile(this.#subject, path, { follow: false, options })
  }

  /** Whether there is something at the path. */
  async exists(path: string, options: CallOptions = {}): Promise<boolean> {
    try {
      await this.stat(path, options)
      return true
    } catch (error) {
      if (EngineError.is(error) && (error.errno === 'ENOENT' || error.errno === 'ENOTDIR')) return false
      throw error
    }
  }

  /** The names in a directory, sorted. */
  readdir(path: string, options: ReaddirOptions & { readonly withFileTypes: true }): Promise<readonly FileEntry[]>
  readdir(
    path: string,
    options?: ReaddirOptions & { readonly withFileTypes?: false | undefined },
  ): Promise<readonly string[]>
  async readdir(path: string, options: ReaddirOptions = {}): Promise<readonly FileEntry[] | readonly string[]> {
    const entries = await listDirectory(this.#subject, path, options)
    return options.withFileTypes ? entries : entries.map(({ name }) => name)
  }

  /** Makes a directory, 0755 by default; the first one that was made, if any. */
  async mkdir(path: string, options: MkdirOptions = {}): Promise<string | undefined> {
    checkPath(path)
    checkOptions<MkdirOptions>(options, fileShapes.mkdir)
    const { signal, recursive = false, mode, owner } = options
    const args = { recursive, ...(mode !== undefined && { mode }), ...ownerText(owner) }
    const asking = { call: 'mkdir', path, ...args, doing: 'make directory', signal } as const
    const { result } = await askFile<{ readonly first: string | null }>(this.#subject, asking)
    return result.first ?? undefined
  }

  /** Removes a file or, with `recursive`, a directory. */
  async rm(path: string, options: RmOptions = {}): Promise<void> {
    checkPath(path)
    checkOptions<RmOptions>(options, fileShapes.rm)
    const { signal, recursive = false, force = false } = options
    await askFile(this.#subject, { call: 'rm', path, recursive, force, doing: 'remove', signal })
  }

  /** Gives a file another name; what has that name is replaced. */
  async rename(from: string, to: string, options: CallOptions = {}): Promise<void> {
    checkPath(to, 'to')
    await this.#ask({ call: 'rename', path: from, to, doing: 'rename' }, options)
  }

  /** Sets the permission bits. */
  async chmod(path: string, mode: number, options: CallOptions = {}): Promise<void> {
    checkMode(mode, 'mode')
    await this.#ask({ call: 'chmod', path, mode, doing: 'change the mode of' }, options)
  }

  /** Gives it to somebody else: a name or number, `user:group`. */
  async chown(path: string, owner: FileOwner, options: ChownOptions = {}): Promise<void> {
    checkPath(path)
    optionCheck.user(owner, 'owner')
    checkOptions<ChownOptions>(options, fileShapes.chown)
    const { signal, followLinks = true } = options
    const asking = { call: 'chown', path, follow: followLinks, ...ownerText(owner) } as const
    await askFile(this.#subject, { ...asking, doing: 'change the owner of', signal })
  }

  /** Sets when it was last read and changed. */
  async utimes(path: string, accessed: Date, modified: Date, options: CallOptions = {}): Promise<void> {
    check.date(accessed, 'accessed')
    check.date(modified, 'modified')
    const times = { atimeMs: accessed.getTime(), mtimeMs: modified.getTime() }
    await this.#ask({ call: 'utimes', path, ...times, doing: 'set the times of' }, options)
  }

  /** Makes a symbolic link at the path; the target is kept as it is given. */
  async symlink(target: string, path: string, options: CallOptions = {}): Promise<void> {
    if (typeof target !== 'string' || target === '' || target.includes('\0'))
      throw invalidArgument('target', 'expected a path without NUL')
    await this.#ask({ call: 'symlink', path, to: target, doing: 'make link' }, options)
  }

  /** Gives a file one name more. */
  async link(existing: string, path: string, options: CallOptions = {}): Promise<void> {
    checkPath(existing, 'existing')
    await this.#ask({ call: 'link', path, to: existing, doing: 'make link' }, options)
  }

  /** What a symbolic link says. */
  async readlink(path: string, options: CallOptions = {}): Promise<string> {
    const { target } = await this.#ask<{ readonly target: string }>(
      { call: 'readlink', path, doing: 'read link' },
      options,
    )
    return target
  }

  /** The path without links. */
  async realpath(path: string, options: CallOptions = {}): Promise<string> {
    return (await this.#ask<{ readonly path: string }>({ call: 'realpath', path, doing: 'resolve' }, options)).path
  }

  /**
   * Tells what happens to a file, or in a directory. It begins at the call: `ready()` says when. What happens in the container between that and
   * the reading is kept, up to the limits of inotify(7).
   */
  watch(path: string, options: WatchOptions = {}): FileWatch {
    return watchFiles(this.#subject, path, options)
  }

  /**
   * Copies into the container. A path of the host: what is in a directory gets into the directory `path`, a file becomes `path`, or gets into it
   * if that is a directory. A stream of a tar, plain, gzip or zstd, is unpacked below `path`. What is missing on the way is made. Files replace
   * files; directories that are there are merged and keep their mode and owner. Modes, times, links and attributes are kept. A failure in
   * the middle leaves what was copied by then.
   */
  async copyIn(source: string | ByteStream, path: string, options: CopyInOptions = {}): Promise<void> {
    await copyIn(this.#subject, source, path, options)
  }

  /**
   * Copies out of the container: as the stream of a tar, with the owners that the container sees, which begins when it is read; or to a path of
   * the host, as {@link ContainerFileSystem.copyIn} does it the other way. There everything becomes the caller's, without setuid bits,
   * capabilities and devices, and nothing is written outside of that path. What changes meanwhile is copied as it is met. Links in what
   * was copied may lead anywhere: take care whom you let follow them.
   */
  copyOut(path: string, options?: CopyOptions): ReadableStream<Uint8Array>
  copyOut(path: string, to: string, options?: CopyOptions): Promise<void>
  copyOut(
    path: string,
    to: string | CopyOptions = {},
    options: CopyOptions = {},
  ): ReadableStream<Uint8Array> | Promise<void> {
    return typeof to === 'string'
      ? copyOutToHost(this.#subject, path, to, options)
      : copyOutAsTar(this.#subject, path, to)
  }

  async #ask<T>(asking: Parameters<typeof askFile>[1], options: CallOptions): Promise<T> {
    checkPath(asking.path)
    checkOptions<CallOptions>(options, callShape)
    const { result } = await askFile<T>(this.#subject, { ...asking, signal: options.signal })
    return result
  }
}
