// SPDX-License-Identifier: Apache-2.0
import { stat } from 'node:fs/promises'
import type { BuildOptions, BuildSecret } from 'tscontainer'
import type { BuildSource } from './build-options.js'

/** Secrets of the project for steps that ask for them, by their targets where these are no paths, else by their own names. */
export async function buildSecrets({ project, build, reporter }: BuildSource): Promise<Record<string, BuildSecret>> {
  const secrets: Record<string, BuildSecret> = {}
  for (const [index, { source, target, uid, gid, mode }] of (build.secrets ?? []).entries()) {
    const path = ['secrets', index]
    const { file, content, external, environment } =
      project.model.secrets[source] ?? reporter.refuse(path, `there is no ${source}`)
    for (const [key, value] of Object.entries({ uid, gid, mode }))
      if (value !== undefined) reporter.report([...path, key], 'the step that asks for a secret says whose it is')
    const id = target === undefined || target.startsWith('/') ? source : target
    if (file !== undefined) secrets[id] = { file }
    else if (content !== undefined) secrets[id] = content
    else if (environment !== undefined) reporter.refuse(path, `the variable ${environment} is not set`)
    else
      reporter.unsupported(
        path,
        external ? 'secrets that are kept elsewhere are an orchestrator’s' : 'it has no content',
      )
  }
  return secrets
}

/** Sockets of agents by their ids. A key in a file is not handed out: an agent shows none of its own. */
export async function buildSsh({ project, build, reporter }: BuildSource): Promise<BuildOptions> {
  const ssh: Record<string, string> = {}
  for (const [index, { id, path }] of (build.ssh ?? []).entries()) {
    const socket =
      path ||
      project.environment.get('SSH_AUTH_SOCK') ||
      reporter.refuse(['ssh', index], 'there is no agent', 'start ssh-agent, or name its socket')
    const found = await stat(socket).catch(() => undefined)
    if (found !== undefined && !found.isSocket())
      reporter.unsupported(['ssh', index], `${socket} is no socket of an agent`, 'ssh-add the key, and name the agent')
    ssh[id] = socket
  }
  return Object.keys(ssh).length > 0 ? { ssh } : {}
}
