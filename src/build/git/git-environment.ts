// SPDX-License-Identifier: Apache-2.0
import type { BuildSecret } from '../build-options.js'
import { secretContent } from '../secret-content.js'
import { basicCredentials, originOf } from './git-address.js'
import { guardHost } from './guard-host.js'

/** What a build may use to get at repositories and files that not everybody may have. */
export interface SourceAccess {
  readonly secrets?: Readonly<Record<string, BuildSecret>> | undefined
  /** Sockets of agents by their ids. */
  readonly ssh?: Readonly<Record<string, string>> | undefined
  /** Whether the build has the host's network: then it may reach this machine itself. */
  readonly hostNetwork?: boolean | undefined
  /** Whether strangers name the address: see decision 36. */
  readonly guarded?: boolean | undefined
}

// How git finds programs, the way out and whom to trust; all else is said below.
const passedOn = [
  'PATH',
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'].flatMap((name) => [name, name.toLowerCase()]),
  'GIT_SSL_CAINFO',
  'GIT_SSL_CAPATH',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
]

// Only keys of the agent, only hosts that are known, and nothing of the caller's own settings.
const ssh = [
  'ssh -F none -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=15 -o IdentityFile=none',
  '-o ControlPath=none -o ForwardAgent=no -o ForwardX11=no -o PermitLocalCommand=no -o UpdateHostKeys=no',
].join(' ')

const settings: Readonly<Record<string, string>> = {
  'core.hooksPath': '/dev/null',
  'core.attributesFile': '/dev/null',
  'core.fsmonitor': 'false',
  'credential.helper': '',
  'gc.auto': '0',
  'maintenance.auto': 'false',
  'fetch.recurseSubmodules': 'false',
  'init.defaultBranch': 'main',
  'init.templateDir': '',
  'protocol.version': '2',
  'safe.directory': '*',
  'tar.umask': '0022',
  'http.lowSpeedLimit': '1',
  'http.lowSpeedTime': '60',
}

/** The whole environment of a git that works on the repository in `directory`, null for none, and talks to nobody. */
export function localGitEnvironment(directory: string | null): Record<string, string> {
  return { ...environment({}, directory), GIT_ALLOW_PROTOCOL: 'none' }
}

/**
 * The same for one that talks to `remote`. What it authenticates with (secrets named as BuildKit has them) goes into its environment, where only the same user could see it,
 * and to that host alone.
 */
export async function remoteGitEnvironment(
  remote: string,
  directory: string | null,
  access: SourceAccess,
): Promise<Record<string, string>> {
  if (access.guarded) await guardHost(remote)
  const origin = /^https?:/i.test(remote) ? originOf(remote) : null
  const host = origin?.replace(/^.*:\/\//, '') ?? ''
  const header = origin && (basicCredentials(remote) ?? (await authorization(host, access)))
  const agent = access.ssh?.default
  return {
    ...environment(origin && header ? { [`http.${origin}/.extraHeader`]: `Authorization: ${header}` } : {}, directory),
    GIT_ALLOW_PROTOCOL: 'http:https:ssh:git',
    ...(agent !== undefined && { SSH_AUTH_SOCK: agent }),
  }
}

function environment(more: Readonly<Record<string, string>>, directory: string | null): Record<string, string> {
  const own = passedOn.flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  const config = Object.entries({ ...settings, ...more })
  return {
    ...Object.fromEntries(own),
    ...Object.fromEntries(config.flatMap(([key, value], index) => configVariable(index, key, value))),
    GIT_CONFIG_COUNT: String(config.length),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    // Where no repository is meant none is looked for.
    GIT_DIR: directory ?? '/dev/null/none',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: 'false',
    GIT_SSH_COMMAND: ssh,
    GIT_SSH_VARIANT: 'ssh',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    // No .netrc either.
    HOME: '/dev/null',
    LC_ALL: 'C',
  }
}

function configVariable(index: number, key: string, value: string): readonly (readonly [string, string])[] {
  return [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]
}

async function authorization(host: string, { secrets = {} }: SourceAccess): Promise<string | null> {
  for (const suffix of [`.${host}`, '']) {
    const header = secrets[`GIT_AUTH_HEADER${suffix}`]
    if (header !== undefined) return await oneLine(header, `GIT_AUTH_HEADER${suffix}`)
    const token = secrets[`GIT_AUTH_TOKEN${suffix}`]
    if (token !== undefined) {
      const pair = `x-access-token:${await oneLine(token, `GIT_AUTH_TOKEN${suffix}`)}`
      return `basic ${Buffer.from(pair).toString('base64')}`
    }
  }
  return null
}

// A second line would be a second header.
async function oneLine(secret: BuildSecret, id: string): Promise<string> {
  return (
    Buffer.from(await secretContent(secret, id))
      .toString()
      .trim()
      .split(/[\r\n]/, 1)[0] ?? ''
  )
}
