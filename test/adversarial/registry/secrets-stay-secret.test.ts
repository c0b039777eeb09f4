// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { access, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inspect, promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { parseChallenges } from '../../../src/registry/challenge.js'
import { sendError, sendJson, startFakeRegistry } from '../../support/registry/fake-registry.js'
import { makeHelper } from '../../support/registry/helper-program.js'
import { useRegistryFixture } from '../../support/registry/registry-fixture.js'

const run = promisify(execFile)
const fixture = useRegistryFixture()
const auth = { username: 'eve', password: 'hunter2-and-a-half' }
const encoded = Buffer.from(`${auth.username}:${auth.password}`).toString('base64')
const everything = (error: unknown) => `${inspect(error, { depth: 30, showHidden: true })} ${JSON.stringify(error)}`

describe('a secret is in no error', () => {
  test('of a registry that sends back what it was told', async () => {
    const registry = await fixture.keep(
      startFakeRegistry((request, answer) => {
        const message = `you said ${request.headers.authorization}, that is ${auth.password}`
        sendError(
          answer,
          request.headers.authorization ? 403 : 401,
          { code: 'DENIED', message },
          { 'www-authenticate': 'Basic realm="x"' },
        )
      }),
    )
    const error = await fixture
      .client()
      .ping(registry.host, { auth })
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'ERR_REGISTRY_DENIED' })
    expect(everything(error)).toContain('***')
    expect(everything(error)).not.toContain(auth.password)
    expect(everything(error)).not.toContain(encoded)
  })

  test('of a registry that sends back a token', async () => {
    const service = await fixture.keep(
      startFakeRegistry((_, answer) => sendJson(answer, 200, { token: 'very.secret.token' })),
    )
    const challenge = { 'www-authenticate': `Bearer realm="${service.origin}/token",service="s"` }
    const registry = await fixture.keep(
      startFakeRegistry((request, answer) => {
        const message = `bad ${request.headers.authorization}`
        sendError(answer, request.headers.authorization ? 403 : 401, { code: 'DENIED', message }, challenge)
      }),
    )
    const error = await fixture
      .client()
      .ping(registry.host, { auth })
      .catch((reason: unknown) => reason)
    expect(everything(error)).not.toContain('very.secret.token')
  })

  test('of a helper, or of malformed options', async () => {
    const bin = join(fixture.directory, 'bin')
    await makeHelper(bin, 'chatty', { answer: `{"Username":"eve","Secret":"${auth.password}\\n"}` })
    process.env.PATH = `${bin}:${process.env.PATH}`
    const { getFromHelper, storeInHelper } = await import('../../../src/registry/credential-helper.js')
    const got = await getFromHelper('chatty', 'x', undefined).catch((reason: unknown) => reason)
    expect(got).toMatchObject({ code: 'ERR_CREDENTIALS' })
    await makeHelper(bin, 'failing', { answer: auth.password, status: 1 })
    const options = { username: 'eve', secret: auth.password, signal: undefined }
    const stored = await storeInHelper('failing', 'x', options).catch((reason: unknown) => reason)
    expect(stored).toMatchObject({ code: 'ERR_CREDENTIALS' })
    const { checkAuth } = await import('../../../src/registry/registry-options.js')
    let refused: unknown
    try {
      checkAuth({ username: 'eve', password: `${auth.password}\n` }, 'auth')
    } catch (error) {
      refused = error
    }
    expect(refused).toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
    expect(everything([got, stored, refused])).not.toContain(auth.password)
  })
})

test('a secret is in no log', async () => {
  const registry = await fixture.keep(
    startFakeRegistry((request, answer) =>
      sendError(
        answer,
        401,
        { code: 'X', message: String(request.headers.authorization) },
        { 'www-authenticate': 'Basic realm="x"' },
      ),
    ),
  )
  const home = join(fixture.directory, 'home')
  await mkdir(join(home, '.docker'), { recursive: true })
  const config = { auths: { [registry.host]: { auth: encoded } }, credsStore: '../x' }
  await writeFile(join(home, '.docker/config.json'), JSON.stringify(config))
  const top = fileURLToPath(new URL('../../..', import.meta.url))
  const program = join(fixture.directory, 'program.mts')
  await writeFile(
    program,
    `import { RegistryClient } from '${top}src/registry/registry-client.ts'
     const client = new RegistryClient()
     await client.ping('${registry.host}').catch((error) => console.log(error))
     await client.close()`,
  )
  const tsx = join(top, 'node_modules/tsx/dist/loader.mjs')
  const env = { ...process.env, HOME: home, NODE_DEBUG: 'tscontainer' }
  const { stdout, stderr } = await run(process.execPath, ['--import', tsx, program], { env })
  expect(stdout).toContain('ERR_REGISTRY_UNAUTHORIZED')
  expect(stderr).toContain('TSCONTAINER')
  expect(registry.seen.some(({ authorization }) => authorization === `Basic ${encoded}`)).toBe(true)
  expect(stdout + stderr).not.toContain(auth.password)
  expect(stdout + stderr).not.toContain(encoded)
})

describe('a credential helper is a name', () => {
  test.each(['../x', '/bin/x', 'x/../../y', '', '.', '-x', 'a b', 'x\0'])('%j is never run', async (name) => {
    const { getFromHelper } = await import('../../../src/registry/credential-helper.js')
    const directory = join(fixture.directory, 'docker-credential-..')
    await makeHelper(directory, '..', { answer: '{}' })
    const bin = join(fixture.directory, 'bin')
    await mkdir(bin, { recursive: true })
    const marker = join(fixture.directory, 'ran')
    for (const path of [join(fixture.directory, 'x'), join(bin, 'x')])
      await writeFile(path, `#!/bin/sh\ntouch ${marker}\n`, { mode: 0o755 })
    process.env.PATH = `${bin}:${process.env.PATH}`
    await expect(getFromHelper(name, 'registry.example', undefined)).rejects.toMatchObject({ code: 'ERR_CREDENTIALS' })
    await expect(access(marker)).rejects.toThrow()
  })
})

describe('a challenge', () => {
  test.each([
    'Bearer realm="http://x/\r\nAuthorization: evil"',
    'Bearer realm="http://x/\nEvil: 1",service="a"',
    'Bearer realm="\0"',
    'Bearer realm="\\\r\n"',
  ])('with line breaks or NUL in it is none: %j', (header) => {
    expect(parseChallenges([header])).toEqual([])
  })

  test('has parameters that are no properties', () => {
    const [challenge] = parseChallenges(['Bearer realm="r",__proto__="p",constructor="c"'])
    expect(challenge?.parameters.get('__proto__')).toBe('p')
    expect(({} as { p?: unknown }).p).toBeUndefined()
  })
})
