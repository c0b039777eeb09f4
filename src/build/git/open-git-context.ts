// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path'
import { quoted } from '../../errors/printable.js'
import type { LayerContext } from '../../layer/layer-context.js'
import { stagingName } from '../../layer/layer-staging.js'
import type { BuildContext } from '../context/build-context.js'
import { openStagedContext, type Unpack } from '../context/open-staged-context.js'
import type { GitReference } from '../graph/git-reference.js'
import { archiveGitDirectory } from './archive-git-directory.js'
import { archiveTree } from './archive-tree.js'
import { originOf, submoduleAddress } from './git-address.js'
import { remoteGitEnvironment, type SourceAccess } from './git-environment.js'
import { gitFailure } from './git-failure.js'
import { dropRepository, openRepository, type WantedCommit } from './git-repository.js'
import { type GitTree, readSubmodules, readTree } from './git-tree.js'
import { describe, type ResolvedCommit, resolveCommit } from './resolve-commit.js'

/** The commit that a reference means now. Nobody is asked where it says so itself. */
export async function findCommit(
  reference: GitReference,
  access: SourceAccess,
  signal: AbortSignal,
): Promise<ResolvedCommit> {
  return await resolveCommit(reference, { env: () => remoteGitEnvironment(reference.remote, null, access), signal })
}

interface GitSource {
  readonly reference: GitReference
  readonly commit: ResolvedCommit
  readonly access: SourceAccess
}

/**
 * The files of a repository at a commit as a context, submodules with it. ERR_ADD_FAILED where it cannot be had, ERR_FILE_NOT_FOUND for a directory that it does not
 * have, ERR_UNSUPPORTED without git.
 */
export async function openGitContext(
  context: LayerContext,
  { reference, commit, access }: GitSource,
  signal: AbortSignal,
): Promise<BuildContext> {
  const { remote, keepGitDirectory, submodules } = reference
  const subdirectory = cleanDirectory(reference.subdirectory)
  return await openStagedContext(context, { name: describe(reference), signal }, async (unpack) => {
    const writer = new TreeWriter(context, { unpack, submodules, signal })
    const directory = await writer.write({ ...commit, remote, access }, { subdirectory, prefix: '' })
    if (!keepGitDirectory || subdirectory !== '') return
    const scratch = join(context.store.paths.tmp, stagingName('git-index'))
    await unpack(archiveGitDirectory({ directory, ...commit, remote, scratch }, signal))
  })
}

function cleanDirectory(path = ''): string {
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')
}

interface Writing {
  readonly unpack: Unpack
  readonly submodules: boolean
  readonly signal: AbortSignal
}

interface Place {
  /** Of the repository: what is written of it. */
  readonly subdirectory: string
  /** Where it is written, with a slash at its end; empty for the top. */
  readonly prefix: string
}

const maxRepositories = 500
const maxDepth = 20

/** Writes repositories with their submodules, those with theirs. */
class TreeWriter {
  readonly #context: LayerContext
  readonly #writing: Writing
  #count = 0

  constructor(context: LayerContext, writing: Writing) {
    this.#context = context
    this.#writing = writing
  }

  /** Gives the path of the bare repository. */
  async write(wanted: WantedCommit, place: Place, depth = 0): Promise<string> {
    const { unpack, submodules, signal } = this.#writing
    if (++this.#count > maxRepositories || depth > maxDepth)
      throw gitFailure(
        'read submodules',
        `there are more than ${maxRepositories}, or more than ${maxDepth} in each other`,
      )
    const directory = await openRepository(this.#context, wanted, signal)
    const at = { directory, commit: wanted.commit }
    try {
      const tree = await readTree(at, place.subdirectory, signal)
      await unpack(archiveTree(at, { tree: tree.id, prefix: place.prefix }, signal))
      if (submodules) await this.#writeSubmodules(wanted, { ...place, tree, directory, depth })
    } catch (error) {
      if (!signal.aborted && isUnreadable(error)) await dropRepository(this.#context, directory)
      throw error
    }
    return directory
  }

  async #writeSubmodules(
    { remote, commit, access }: WantedCommit,
    { tree, directory, subdirectory, prefix, depth }: Place & { tree: GitTree; directory: string; depth: number },
  ): Promise<void> {
    if (tree.submodules.size === 0) return
    const addresses = await readSubmodules({ directory, commit }, this.#writing.signal)
    for (const [path, wanted] of tree.submodules) {
      const full = subdirectory === '' ? path : `${subdirectory}/${path}`
      const given = addresses.get(full)
      if (given === undefined)
        throw gitFailure(`read the submodule ${quoted(full, 200)}`, '.gitmodules has no address for it')
      const address = submoduleAddress(remote, given)
      if (address === null)
        throw gitFailure(
          `read the submodule ${quoted(full, 200)}`,
          `${quoted(given, 200)} is no address for a repository`,
        )
      const below = { remote: address, commit: wanted, name: null, access: accessFrom(remote, address, access) }
      await this.write(below, { subdirectory: '', prefix: `${prefix}${path}/` }, depth + 1)
    }
  }
}

// What is for no host in particular is for the repository that was asked for.
function accessFrom(remote: string, address: string, access: SourceAccess): SourceAccess {
  if (originOf(remote) === originOf(address)) return access
  const named = Object.entries(access.secrets ?? {}).filter(([id]) => /^GIT_AUTH_(?:TOKEN|HEADER)\./.test(id))
  return { ...access, guarded: access.hostNetwork !== true, secrets: Object.fromEntries(named) }
}

// Damaged, as by a crash of the machine.
function isUnreadable(error: unknown): boolean {
  return (
    error instanceof Error &&
    /^cannot read the commit .*(?:bad|missing|corrupt|not a valid object|not a git repository)/i.test(error.message)
  )
}
