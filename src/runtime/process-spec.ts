// SPDX-License-Identifier: Apache-2.0
import type { ProcessSpec, UserSpec } from '../oci/runtime-spec.js'
import { type Capability, capabilitySets } from '../security/capabilities.js'

/** A process whose user may be a name, which only the container's own /etc/passwd can resolve. */
export type NamedProcessSpec = Omit<ProcessSpec, 'user'> & {
  readonly user: UserSpec & { readonly username?: string | undefined; readonly groups?: readonly string[] | undefined }
}

/** What execs of a container start from: its main process without the command. */
export interface ExecTemplate {
  readonly env: readonly string[]
  readonly cwd: string
  /** Docker's USER, unresolved; empty: root. */
  readonly user: string
  /** Supplementary groups beside the user's, unresolved. */
  readonly groups?: readonly string[] | undefined
  readonly capabilities: readonly Capability[]
  readonly noNewPrivileges: boolean
  readonly rlimits: NonNullable<ProcessSpec['rlimits']>
  readonly oomScoreAdj?: number | undefined
}

/** The process with this command. */
export function processSpec(
  template: ExecTemplate,
  args: readonly string[],
  terminal?: NamedProcessSpec['consoleSize'],
): NamedProcessSpec {
  const { env, cwd, user, groups = [], capabilities, noNewPrivileges, rlimits, oomScoreAdj } = template
  return {
    args,
    env,
    cwd,
    user: { ...root, ...(user !== '' && { username: user }), ...(groups.length > 0 && { groups }) },
    // Whoever is not root loses all but the bounding set at exec; before it, a name that may be anybody's has none either.
    capabilities: capabilitySets(capabilities, isRoot(user) ? 0 : 1),
    noNewPrivileges,
    ...(rlimits.length > 0 && { rlimits }),
    ...(oomScoreAdj !== undefined && { oomScoreAdj }),
    ...(terminal && { terminal: true, consoleSize: terminal }),
  }
}

const root: UserSpec = { uid: 0, gid: 0 }

function isRoot(user: string): boolean {
  return /^(|root|0)(:.*)?$/.test(user)
}
