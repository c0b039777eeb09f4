// SPDX-License-Identifier: Apache-2.0
import { createReadStream } from 'node:fs'
import { readdir, readFile, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { buildTar, type TarItem, tarEnd, tarFileHeader, tarPadding } from '../../layer/build-tar.js'
import { withoutCredentials } from './git-address.js'
import { git } from './git-command.js'
import { localGitEnvironment } from './git-environment.js'
import type { GitCommit } from './git-tree.js'

interface KeptGit extends GitCommit {
  readonly remote: string
  /** A branch or a tag, in full; null for none. */
  readonly name: string | null
  /** The path of a file that can be made. */
  readonly scratch: string
}

/** The `.git` that a shallow clone of a commit has, as a tar: with an index, and a HEAD that is on no branch. */
export async function* archiveGitDirectory(kept: KeptGit, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const { directory, commit, remote, name, scratch } = kept
  const env = { ...localGitEnvironment(directory), GIT_INDEX_FILE: scratch }
  try {
    await git({ args: ['read-tree', commit], env, signal, doing: 'write an index' })
    const items: TarItem[] = [
      ...['.git', '.git/refs', '.git/refs/heads', '.git/refs/tags', '.git/objects', '.git/info'].map(
        (path): TarItem => ({ type: 'directory', path, mode: 0o755 }),
      ),
      file('.git/HEAD', `${commit}\n`),
      file('.git/config', configOf(remote, commit)),
      { type: 'file', path: '.git/index', mode: 0o644, data: await readFile(scratch) },
      ...(/^refs\/(?:heads|tags)\//.test(name ?? '') ? [file(`.git/${name}`, `${commit}\n`)] : []),
    ]
    const shallow = await readFile(join(directory, 'shallow')).catch(() => null)
    if (shallow) items.push({ type: 'file', path: '.git/shallow', mode: 0o644, data: shallow })
    yield withoutEnd(buildTar(items))
    for (const path of await objectsBelow(directory)) yield* entryOf(directory, path)
    yield tarEnd()
  } finally {
    await unlink(scratch).catch(() => {})
  }
}

function file(path: string, text: string): TarItem {
  return { type: 'file', path, mode: 0o644, data: Buffer.from(text) }
}

function withoutEnd(tar: Buffer): Buffer {
  return tar.subarray(0, tar.length - tarEnd().length)
}

function configOf(remote: string, commit: string): string {
  const isSha256 = commit.length === 64
  const address = withoutCredentials(remote).replace(/[\\"]/g, (character) => `\\${character}`)
  return [
    '[core]',
    `\trepositoryformatversion = ${isSha256 ? 1 : 0}`,
    '\tfilemode = true',
    '\tbare = false',
    '\tlogallrefupdates = true',
    ...(isSha256 ? ['[extensions]', '\tobjectformat = sha256'] : []),
    '[remote "origin"]',
    `\turl = "${address}"`,
    '\tfetch = +refs/heads/*:refs/remotes/origin/*',
    '',
  ].join('\n')
}

async function objectsBelow(directory: string): Promise<readonly string[]> {
  const found = await readdir(join(directory, 'objects'), { recursive: true, withFileTypes: true })
  const files = found.filter((entry) => entry.isFile() && !entry.name.startsWith('tmp_'))
  return files.map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1)).sort()
}

async function* entryOf(directory: string, path: string): AsyncGenerator<Uint8Array> {
  const full = join(directory, path)
  const { size } = await stat(full)
  yield tarFileHeader({ path: `.git/${path}`, mode: 0o444, size })
  if (size > 0) yield* createReadStream(full, { end: size - 1 })
  yield tarPadding(size)
}
