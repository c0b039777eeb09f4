// SPDX-License-Identifier: Apache-2.0
import type { LayerContext } from '../../layer/layer-context.js'
import type { Digest } from '../../oci/digest.js'
import type { BuildContext } from '../context/build-context.js'
import type { AddGitVertex } from '../graph/vertex.js'
import type { SourceAccess } from './git-environment.js'
import { findCommit, openGitContext } from './open-git-context.js'
import type { ResolvedCommit } from './resolve-commit.js'

/** The repositories that a build adds. Each is asked once: a build works with one commit, whoever pushes meanwhile. */
export class AddedRepositories {
  readonly #context: LayerContext
  readonly #access: SourceAccess
  readonly #commits = new Map<Digest, Promise<ResolvedCommit>>()

  constructor(context: LayerContext, access: SourceAccess) {
    this.#context = context
    // Who wrote the Dockerfile may be a stranger.
    this.#access = { ...access, guarded: access.hostNetwork !== true }
  }

  /** What identifies the files without their being there. */
  async identify(vertex: AddGitVertex, signal: AbortSignal): Promise<string> {
    const { commit, name } = await this.#commitOf(vertex, signal)
    const { subdirectory, submodules, keepGitDirectory } = vertex.git
    return JSON.stringify(['git', commit, subdirectory, submodules, keepGitDirectory, keepGitDirectory ? name : null])
  }

  /** The files as a context; whoever asks closes it. */
  async open(vertex: AddGitVertex, signal: AbortSignal): Promise<BuildContext> {
    const commit = await this.#commitOf(vertex, signal)
    return await openGitContext(this.#context, { reference: vertex.git, commit, access: this.#access }, signal)
  }

  #commitOf({ key, git }: AddGitVertex, signal: AbortSignal): Promise<ResolvedCommit> {
    const known = this.#commits.get(key)
    if (known) return known
    const found = findCommit(git, this.#access, signal)
    this.#commits.set(key, found)
    return found
  }
}
