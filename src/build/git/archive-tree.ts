// SPDX-License-Identifier: Apache-2.0
import { git, gitOutput } from './git-command.js'
import { localGitEnvironment } from './git-environment.js'
import type { GitCommit } from './git-tree.js'

interface Archived {
  /** A tree of the commit; the commit's own hash means all of it. */
  readonly tree: string
  /** Put before each name, with a slash at its end; empty for none. */
  readonly prefix: string
}

/**
 * A tree as a tar, with the content that a checkout would have and the commit's time: git writes no file, so that no name in it can lead anywhere, and the same commit makes the
 * same layer.
 */
export async function* archiveTree(
  at: GitCommit,
  { tree, prefix }: Archived,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const env = localGitEnvironment(at.directory)
  const doing = `read the commit ${at.commit.slice(0, 12)}`
  const subject = tree === at.commit ? tree : await commitOf(at, tree, signal)
  const place = prefix === '' ? [] : [`--prefix=${prefix}`]
  yield* gitOutput({ args: ['archive', '--format=tar', ...place, subject], env, signal, doing })
}

// The times in an archive are those of a commit: a part of one gets one of its own.
async function commitOf({ directory, commit }: GitCommit, tree: string, signal: AbortSignal): Promise<string> {
  const env = localGitEnvironment(directory)
  const doing = `read the commit ${commit.slice(0, 12)}`
  const show = ['show', '-s', '--no-show-signature', '--format=%ct', commit]
  const time = (await git({ args: show, env, signal, doing })).trim()
  const date = `@${/^\d{1,11}$/.test(time) ? time : 0} +0000`
  const who = ['AUTHOR', 'COMMITTER'].flatMap((role) => [
    [`GIT_${role}_NAME`, 'build'],
    [`GIT_${role}_EMAIL`, 'build'],
    [`GIT_${role}_DATE`, date],
  ])
  const made = await git({
    args: ['commit-tree', '-m', 'build', tree],
    env: { ...env, ...Object.fromEntries(who) },
    signal,
    doing,
  })
  return made.trim()
}
