// SPDX-License-Identifier: Apache-2.0
import { mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LayerContext } from '../../layer/layer-context.js'
import { stagingName } from '../../layer/layer-staging.js'
import { digestOf } from '../../oci/digest.js'
import { layerName } from '../../store/store-paths.js'
import { addressForGit, withoutCredentials } from './git-address.js'
import { git } from './git-command.js'
import { localGitEnvironment, remoteGitEnvironment, type SourceAccess } from './git-environment.js'
import { gitFailure } from './git-failure.js'
import type { ResolvedCommit } from './resolve-commit.js'

/** A commit, and who may ask for it. */
export interface WantedCommit extends ResolvedCommit {
  readonly remote: string
  readonly access: SourceAccess
}

/**
 * The path of a bare repository with that commit and nothing before it, fetched unless it was before. There is one for each commit of each address: they never
 * change, and appear by a rename. The caller holds a lease.
 */
export async function openRepository(
  context: LayerContext,
  wanted: WantedCommit,
  signal: AbortSignal,
): Promise<string> {
  const { paths } = context.store
  const key = layerName(digestOf(`git ${wanted.remote}\n${wanted.commit}`))
  const path = paths.repository(key)
  const lock = join(paths.locks, `build-git-${key}.lock`)
  const held = await context.locker.lock(lock, 'exclusive', { signal })
  try {
    if (await use(path)) return path
    const made = join(paths.tmp, stagingName('git'))
    try {
      await fetch(made, wanted, signal)
      await rename(made, path)
    } catch (error) {
      await rm(made, { recursive: true, force: true })
      throw error
    }
    return path
  } finally {
    await held.release()
  }
}

/** Lets go of a repository that cannot be read; the next build fetches it again. */
export async function dropRepository(context: LayerContext, path: string): Promise<void> {
  const aside = join(context.store.paths.tmp, stagingName('git'))
  await rename(path, aside).catch(() => {})
  await rm(aside, { recursive: true, force: true })
}

async function use(path: string): Promise<boolean> {
  const now = new Date()
  return await utimes(path, now, now).then(
    () => true,
    () => false,
  )
}

const own = 'refs/build/commit'

async function fetch(path: string, { remote, commit, name, access }: WantedCommit, signal: AbortSignal): Promise<void> {
  const address = addressForGit(remote)
  const local = localGitEnvironment(path)
  const format = commit.length === 64 ? ['--object-format=sha256'] : []
  await mkdir(path, { mode: 0o700 })
  await git({ args: ['init', '-q', '--bare', ...format], env: local, signal, doing: 'make a repository' })
  // What is exported is what would be checked out, whatever the files in it say.
  await mkdir(join(path, 'info'), { recursive: true })
  await writeFile(join(path, 'info/attributes'), '* -export-ignore -export-subst\n')
  const env = await remoteGitEnvironment(remote, path, access)
  const doing = `fetch ${commit.slice(0, 12)} of ${withoutCredentials(address)}`
  const ask = (...args: readonly string[]) =>
    git({
      args: ['fetch', '--progress', '--no-tags', '--no-write-fetch-head', '--no-auto-gc', ...args],
      env,
      signal,
      doing,
    })
  const ways = [
    ['--depth=1', '--', address, `+${commit}:${own}`],
    ...(name === null ? [] : [['--depth=1', '--', address, `+${name}:${own}`]]),
    ['--', address, '+refs/*:refs/remote/*'],
  ]
  for (const [index, way] of ways.entries()) {
    const isLast = index === ways.length - 1
    await ask(...way).catch((error) => {
      if (isLast || !(error instanceof Error) || !otherwise.test(error.message)) throw error
    })
    const kind = await git({ args: ['cat-file', '-t', commit], env: local, signal, doing }).catch((error) => {
      // A name may lead elsewhere by now.
      if (isLast || signal.aborted) throw error
      return ''
    })
    if (kind.trim() === 'commit') break
    if (isLast) throw gitFailure(doing, 'that is no commit')
  }
  await git({ args: ['update-ref', '--no-deref', 'HEAD', commit], env: local, signal, doing })
}

// Servers that give a commit only by its name, or only all of what they have.
const otherwise = /not our ref|unadvertised object|does not support|remote error: upload-pack|dumb http/i
