// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../../errors/engine-error.js'
import { quoted } from '../../errors/printable.js'
import type { GitReference } from '../graph/git-reference.js'
import { addressForGit, withoutCredentials } from './git-address.js'
import { git } from './git-command.js'
import { gitFailure } from './git-failure.js'

/** A commit of a repository. */
export interface ResolvedCommit {
  /** The hash in full. */
  readonly commit: string
  /** The branch or tag that led there, in full; null for a commit that was named itself. */
  readonly name: string | null
}

interface Asking {
  /** Of a git that talks to the repository. */
  env(): Promise<Readonly<Record<string, string>>>
  readonly signal: AbortSignal
}

/** Whether it is the hash of a commit in full: then nobody has to be asked. */
export const isCommit = (text: string): boolean => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text)

/**
 * The commit that is meant: a branch comes before a tag of the same name, a tag means what it is a tag of. ERR_DIGEST_MISMATCH where it does not begin as the
 * checksum does, ERR_ADD_FAILED where the repository has no such thing, or cannot be asked.
 */
export async function resolveCommit(reference: GitReference, asking: Asking): Promise<ResolvedCommit> {
  const { ref, checksum } = reference
  // Who knows the commit needs no name for it.
  const wanted = ref ?? (checksum !== undefined && isCommit(checksum) ? checksum : undefined)
  const resolved =
    wanted !== undefined && isCommit(wanted) ? { commit: wanted, name: null } : await ask(reference, asking)
  if (checksum === undefined || resolved.commit.startsWith(checksum)) return resolved
  throw new EngineError({
    code: 'ERR_DIGEST_MISMATCH',
    message: `${describe(reference)} is the commit ${resolved.commit}, not ${checksum}`,
    object: withoutCredentials(reference.remote),
    hint: 'if the repository is meant to have changed, write the new commit into the checksum',
  })
}

/** For messages. */
export function describe({ remote, ref }: Pick<GitReference, 'remote' | 'ref'>): string {
  return quoted(withoutCredentials(remote) + (ref === undefined ? '' : `#${ref}`), 300)
}

async function ask(reference: GitReference, { env, signal }: Asking): Promise<ResolvedCommit> {
  const { remote } = reference
  const ref = reference.ref === 'HEAD' ? undefined : reference.ref
  const doing = `look for ${describe(reference)}`
  const patterns = ref === undefined ? ['HEAD'] : [ref, `${ref}^{}`]
  const text = await git({
    args: ['ls-remote', '--symref', '--', addressForGit(remote), ...patterns],
    env: await env(),
    signal,
    doing,
  })
  const lines = text.split('\n').map((line) => line.split('\t', 2))
  const found = new Map(lines.flatMap(([value = '', name = '']) => (isCommit(value) ? [[name, value] as const] : [])))
  if (ref === undefined) {
    const commit = found.get('HEAD')
    const branch = lines.find(([value = '', name]) => name === 'HEAD' && value.startsWith('ref: '))?.[0]
    if (commit !== undefined) return { commit, name: branch?.slice('ref: '.length) ?? null }
    throw gitFailure(doing, 'the repository has no default branch')
  }
  for (const name of namesOf(ref)) {
    const commit = found.get(`${name}^{}`) ?? found.get(name)
    if (commit !== undefined) return { commit, name }
  }
  throw gitFailure(doing, `the repository has neither a branch nor a tag ${quoted(ref, 200)}`)
}

function namesOf(ref: string): readonly string[] {
  const below = (folder: string) => (ref.startsWith(folder) ? ref : `${folder}${ref}`)
  return [below('refs/'), below('refs/heads/'), below('refs/tags/')]
}
