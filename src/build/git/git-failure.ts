// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../../errors/engine-error.js'
import { printable } from '../../errors/printable.js'
import { withoutCredentials } from './git-address.js'

const cures: readonly (readonly [complaint: RegExp, hint: string])[] = [
  [
    /could not read Username|Authentication failed|terminal prompts disabled|error: 40[13]/i,
    'give a token: secrets: { GIT_AUTH_TOKEN: … }, or GIT_AUTH_TOKEN.<host>, or a whole header as GIT_AUTH_HEADER',
  ],
  [/Host key verification failed/i, 'check the key of the host, then: ssh-keyscan HOST >> ~/.ssh/known_hosts'],
  [/Permission denied \(publickey/i, 'name an agent that has a key: ssh: { default: process.env.SSH_AUTH_SOCK }'],
  [/cannot run ssh|cannot exec 'ssh/i, 'apt-get install openssh-client'],
  [/certificate|SSL/i, 'name a file with the authority in the variable GIT_SSL_CAINFO'],
  [/No space left on device/i, 'make room below the root of the engine'],
]

/** What git could not do, in the last of its words. */
export function gitFailure(doing: string, complaint: string): EngineError {
  const lines = withoutCredentials(complaint)
    .split(/[\r\n]+/)
    .filter((line) => /^(?:fatal|error|remote|ssh|warning)\b|^[^:]*: /.test(line))
  const said = (lines.length > 0 ? lines : [complaint]).slice(-4).join('; ')
  return new EngineError({
    code: 'ERR_ADD_FAILED',
    message: printable(`cannot ${doing}: ${said.slice(-1000) || 'git failed'}`),
    hint: cures.find(([pattern]) => pattern.test(complaint))?.[1],
  })
}
