// SPDX-License-Identifier: Apache-2.0
import { type FSWatcher, watch } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { EngineError } from 'tscontainer'
import { type SnapshotChange, TreeSnapshot } from './tree-snapshot.js'

/** What has changed below a path, by paths relative to it; `''` is the path itself. */
export interface TreeChanges {
  /** Files, links and directories that are new, or not as they were. */
  readonly written: ReadonlySet<string>
  /** What is gone; of a directory that itself alone. What is also among `written` is there again, as something else. */
  readonly removed: ReadonlySet<string>
}

interface TreeWatchOptions {
  /** Whether a file counts, and whether a directory is looked into. */
  wants(path: string, isDirectory: boolean): boolean
  /** Changes are told when nothing has happened for so long. */
  readonly quietMs: number
  onChanges(changes: TreeChanges): void
  onError(error: unknown): void
}

const maxQuietTimes = 10

/**
 * Watches a file or everything below a directory. The kernel's events only say where to look: what is told is the difference to what was seen before,
 * so that nothing is missed in directories that come, go, or are renamed, as fs.watch with `recursive` does.
 */
export class TreeWatch {
  readonly #root: string
  readonly #options: TreeWatchOptions
  readonly #seen = new TreeSnapshot()
  readonly #watchers = new Map<string, FSWatcher>()
  readonly #above: FSWatcher
  readonly #doubtful = new Set<string>()
  readonly #doubtfulDirectories = new Set<string>()
  #written = new Set<string>()
  #removed = new Set<string>()
  #timer: NodeJS.Timeout | undefined
  #doubtfulSince = 0
  #looking = Promise.resolve()
  #closed = false

  private constructor(root: string, options: TreeWatchOptions) {
    this.#root = root
    this.#options = options
    // By its parent one hears of the path itself: a file that is replaced, a directory that goes and comes.
    this.#above = watchDirectory(dirname(root), (name) => {
      if (name === null || name === basename(root)) this.#doubt(this.#doubtful, '')
    })
  }

  /** Resolves when everything is watched. ERR_FILE_NOT_FOUND; ERR_RESOURCE_EXHAUSTED where the kernel watches no more directories. */
  static async open(root: string, options: TreeWatchOptions): Promise<TreeWatch> {
    if ((await statOf(root)) === undefined) throw notFound(root)
    const tree = new TreeWatch(root, options)
    try {
      await tree.#look('')
      tree.#written.clear()
      return tree
    } catch (error) {
      tree.close()
      throw error
    }
  }

  /** Everything that counts and is there, but the directory itself. */
  get paths(): ReadonlySet<string> {
    const paths = new Set(this.#seen.paths())
    if (this.#seen.isDirectory('')) paths.delete('')
    return paths
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#above.close()
    for (const watcher of this.#watchers.values()) watcher.close()
    this.#watchers.clear()
  }

  #doubt(paths: Set<string>, path: string): void {
    if (this.#closed) return
    const now = performance.now()
    if (this.#doubtful.size + this.#doubtfulDirectories.size === 0) this.#doubtfulSince = now
    paths.add(path)
    const { quietMs, onError } = this.#options
    const latest = this.#doubtfulSince + quietMs * maxQuietTimes - now
    clearTimeout(this.#timer)
    this.#timer = setTimeout(
      () => {
        this.#looking = this.#looking.then(() => this.#lookAround()).catch(onError)
      },
      Math.max(0, Math.min(quietMs, latest)),
    )
  }

  async #lookAround(): Promise<void> {
    const [directories, paths] = [[...this.#doubtfulDirectories], [...this.#doubtful]]
    this.#doubtfulDirectories.clear()
    this.#doubtful.clear()
    for (const directory of directories) await this.#lookInto(directory)
    for (const path of paths) await this.#look(path)
    if (this.#closed || this.#written.size + this.#removed.size === 0) return
    const changes = { written: this.#written, removed: topmost(this.#removed) }
    this.#written = new Set()
    this.#removed = new Set()
    this.#options.onChanges(changes)
  }

  async #look(path: string): Promise<void> {
    const stats = await statOf(join(this.#root, path))
    const isDirectory = stats?.isDirectory() ?? false
    const counts = stats !== undefined && (path === '' || this.#options.wants(path, isDirectory))
    if (this.#closed) return
    const change = this.#seen.note(path, counts ? stats : undefined)
    if (change.gone.length > 0) this.#forget(path, change)
    if (!change.isNew) return
    if (path !== '' || !isDirectory) this.#written.add(path)
    if (isDirectory) await this.#enter(path)
  }

  // Watched first: what comes while it is read is looked at twice.
  async #enter(path: string): Promise<void> {
    const directory = join(this.#root, path)
    try {
      const watcher = watchDirectory(directory, (name) => {
        if (name === null) this.#doubt(this.#doubtfulDirectories, path)
        else this.#doubt(this.#doubtful, joined(path, name))
      })
      this.#watchers.set(path, watcher)
    } catch (error) {
      if (await statOf(directory)) throw error
      return
    }
    await this.#lookInto(path)
  }

  async #lookInto(directory: string): Promise<void> {
    const names = await readdir(join(this.#root, directory)).catch(() => [])
    for (const name of new Set([...names, ...this.#seen.namesIn(directory)])) await this.#look(joined(directory, name))
  }

  // In the place of the directory itself what was in it goes, so that nobody takes it for a whole file system.
  #forget(path: string, { gone, wasDirectory }: SnapshotChange): void {
    for (const one of path === '' && wasDirectory ? gone.slice(1) : [path]) this.#removed.add(one)
    for (const one of gone) {
      this.#written.delete(one)
      this.#watchers.get(one)?.close()
      this.#watchers.delete(one)
    }
  }
}

// What is in a directory that is gone needs no word of its own.
function topmost(paths: ReadonlySet<string>): ReadonlySet<string> {
  const above = (path: string): boolean => {
    const slash = path.lastIndexOf('/')
    return slash > 0 && (paths.has(path.slice(0, slash)) || above(path.slice(0, slash)))
  }
  return new Set([...paths].filter((path) => !above(path)))
}

const joined = (directory: string, name: string): string => (directory === '' ? name : `${directory}/${name}`)

function watchDirectory(directory: string, onName: (name: string | null) => void): FSWatcher {
  try {
    const watcher = watch(directory, (_, name) => onName(name))
    // Its end is told by its parent.
    watcher.on('error', () => {})
    return watcher
  } catch (error) {
    throw explained(error, directory)
  }
}

async function statOf(path: string) {
  try {
    return await lstat(path, { bigint: true })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
}

function notFound(path: string): EngineError {
  const object = { step: 'watch path of the host', errno: 'ENOENT', object: path }
  return new EngineError({ code: 'ERR_FILE_NOT_FOUND', message: `there is no ${path} to watch`, ...object })
}

function explained(error: unknown, path: string): unknown {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return notFound(path)
  if (code !== 'ENOSPC' && code !== 'EMFILE') return error
  return new EngineError({
    code: 'ERR_RESOURCE_EXHAUSTED',
    message: `the kernel watches no more directories for this user: ${path}`,
    step: 'watch path of the host',
    errno: code,
    object: path,
    hint: `sysctl ${code === 'ENOSPC' ? 'fs.inotify.max_user_watches' : 'fs.inotify.max_user_instances'} sets how many; or have fewer watched by 'ignore'`,
    cause: error,
  })
}
