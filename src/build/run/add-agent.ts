// SPDX-License-Identifier: Apache-2.0
import { quoted } from '../../errors/printable.js'
import type { SshMount } from '../graph/run-mount.js'
import { missingResource } from './missing-resource.js'
import type { Mounting } from './run-surroundings.js'

const defaultMode = 0o600

/** The socket of an SSH agent: one of the container's own, from which what is asked is handed on (agent-relay.ts). */
export function addAgent(
  { options: { ssh = {} }, surroundings }: Mounting,
  { id, target, required, mode = defaultMode, uid = 0, gid = 0 }: SshMount,
): void {
  const { sockets, env } = surroundings
  const path = target ?? `/run/buildkit/ssh_agent.${sockets.length}`
  // Where it would be, also where there is none.
  env.SSH_AUTH_SOCK ??= path
  const agent = Object.hasOwn(ssh, id) ? ssh[id] : undefined
  if (agent !== undefined) sockets.push({ path, mode, uid, gid, agent })
  else if (required) throw missingResource('ssh agent', id, `ssh: { ${quoted(id)}: process.env.SSH_AUTH_SOCK }`)
}
