// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, expect, it, vi } from 'vitest'
import { git } from '../../../../src/build/git/git-command.js'
import { localGitEnvironment, remoteGitEnvironment } from '../../../../src/build/git/git-environment.js'

const { signal } = new AbortController()
afterEach(() => vi.unstubAllEnvs())

it('says how to get git where there is none', async () => {
  const call = { args: ['version'], env: { PATH: '/nowhere' }, signal, doing: 'look' }
  await expect(git(call)).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED', hint: 'apt-get install git' })
})

it('gives nothing of the caller’s environment and settings along', async () => {
  vi.stubEnv('GIT_EXEC_PATH', '/nowhere')
  vi.stubEnv('GIT_TRACE', '1')
  vi.stubEnv('HOME', '/root')
  vi.stubEnv('SSH_AUTH_SOCK', '/agent')
  const env = await remoteGitEnvironment('https://host/r.git', null, {})
  expect(Object.keys(env)).not.toEqual(expect.arrayContaining(['GIT_TRACE']))
  expect(env).toMatchObject({ HOME: '/dev/null', GIT_TERMINAL_PROMPT: '0', GIT_ALLOW_PROTOCOL: 'http:https:ssh:git' })
  expect(env.SSH_AUTH_SOCK).toBeUndefined()
  const settings = await git({ args: ['config', '--list', '--show-scope'], env, signal, doing: 'look' })
  expect(settings.split('\n').filter((line) => line !== '' && !line.startsWith('command\t'))).toEqual([])
})

it('asks files of this machine and programs for no repository', async () => {
  for (const remote of ['/etc', 'file:///etc', 'ext::sh -c true']) {
    const env = await remoteGitEnvironment(remote, null, {})
    const call = git({ args: ['ls-remote', '--', remote], env, signal, doing: 'look' })
    await expect(call).rejects.toMatchObject({ code: 'ERR_ADD_FAILED', message: expect.stringMatching(/not allowed/) })
  }
})

it('gives a token to its host alone, and not as an argument', async () => {
  const access = { secrets: { GIT_AUTH_TOKEN: 'all', 'GIT_AUTH_HEADER.other:81': 'Bearer x\nX: y' } }
  const valuesFor = async (remote: string) => Object.entries(await remoteGitEnvironment(remote, null, access))
  const plain = await valuesFor('https://host/r.git')
  expect(plain).toContainEqual([expect.stringMatching(/^GIT_CONFIG_KEY/), 'http.https://host/.extraHeader'])
  expect(plain.flat()).toContain(`Authorization: basic ${Buffer.from('x-access-token:all').toString('base64')}`)
  expect((await valuesFor('http://other:81/r')).flat()).toContain('Authorization: Bearer x')
  expect(JSON.stringify(await valuesFor('ssh://git@host/r.git'))).not.toContain('Authorization')
})

it('ends with what it started when it is aborted', async () => {
  const controller = new AbortController()
  const args = ['-c', 'alias.wait=!exec sleep 61.7', 'wait']
  const call = git({ args, env: localGitEnvironment(null), signal: controller.signal, doing: 'wait' })
  setTimeout(() => controller.abort(new Error('enough')), 300)
  await expect(call).rejects.toThrow('enough')
  await delay(50)
  expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toContain('sleep 61.7')
})
