// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../../errors/engine-error.js'
import { quoted } from '../../errors/printable.js'
import { git } from './git-command.js'
import { localGitEnvironment } from './git-environment.js'
import { gitFailure } from './git-failure.js'

/** A repository at a commit. */
export interface GitCommit {
  /** Of the bare repository. */
  readonly directory: string
  readonly commit: string
}

/** What is in a tree, as far as it matters. */
export interface GitTree {
  /** Its hash. */
  readonly id: string
  /** Submodules, by their paths in the tree: commits. */
  readonly submodules: ReadonlyMap<string, string>
}

/** The tree of a commit, or of a directory in it. ERR_FILE_NOT_FOUND without such a directory, ERR_ADD_FAILED for names that git itself would not check out. */
export async function readTree(
  { directory, commit }: GitCommit,
  subdirectory: string,
  signal: AbortSignal,
): Promise<GitTree> {
  const ask = (...args: readonly string[]) =>
    git({ args, env: localGitEnvironment(directory), signal, doing: `read the commit ${commit.slice(0, 12)}` })
  const id = subdirectory === '' ? commit : await directoryOf(await ask('ls-tree', '-z', commit, '--', subdirectory))
  if (id === null) throw noDirectory(subdirectory)
  const submodules = new Map<string, string>()
  for (const { mode, id: entry, path } of entriesOf(await ask('ls-tree', '-r', '-z', id))) {
    if (path.split('/').some(isDangerous))
      throw gitFailure('read the repository', `it has an entry ${quoted(path, 200)}, which git does not check out`)
    if (mode === '160000') submodules.set(path, entry)
  }
  return { id, submodules }
}

/** The addresses of a commit's submodules by their paths, as `.gitmodules` has them. */
export async function readSubmodules(
  { directory, commit }: GitCommit,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const ask = (...args: readonly string[]) =>
    git({ args, env: localGitEnvironment(directory), signal, doing: 'read .gitmodules' })
  const [file] = entriesOf(await ask('ls-tree', '-z', commit, '--', '.gitmodules'))
  if (file?.mode !== '100644' && file?.mode !== '100755') return new Map()
  const text = await ask('config', '--blob', file.id, '-z', '--no-includes', '--list')
  const modules = new Map<string, { path?: string; url?: string }>()
  for (const line of text.split('\0')) {
    const [, name, member, value] = /^submodule\.(.*)\.(path|url)\n(.*)$/s.exec(line) ?? []
    if (name === undefined) continue
    const known = modules.get(name) ?? {}
    modules.set(name, { ...known, [member as 'path' | 'url']: value })
  }
  const pairs = [...modules.values()].flatMap(({ path, url }) => (path && url ? [[path, url] as const] : []))
  return new Map(pairs)
}

interface Entry {
  readonly mode: string
  readonly id: string
  readonly path: string
}

function* entriesOf(text: string): Generator<Entry> {
  for (const line of text.split('\0')) {
    const [, mode = '', id = '', path = ''] = /^(\d+) \w+ ([0-9a-f]+)\t(.*)$/s.exec(line) ?? []
    if (mode !== '') yield { mode, id, path }
  }
}

function directoryOf(text: string): string | null {
  const [entry] = entriesOf(text)
  return entry?.mode === '040000' ? entry.id : null
}

function isDangerous(name: string): boolean {
  return name === '' || name === '.' || name === '..' || name.toLowerCase() === '.git'
}

function noDirectory(path: string): EngineError {
  return new EngineError({
    code: 'ERR_FILE_NOT_FOUND',
    message: `the repository has no directory ${quoted(path, 200)}`,
    object: path,
  })
}
