// SPDX-License-Identifier: Apache-2.0
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { CredentialDriver } from '../../../src/registry/credential-driver.js'
import type { RegistryHostOptions } from '../../../src/registry/registry-client.js'
import { makeAuthority, type TestAuthority } from '../../support/registry/certificates.js'
import { type DockerRegistry, htpasswdUser, startDockerRegistry } from '../../support/registry/docker-registry.js'
import { helperAnswer, makeHelper } from '../../support/registry/helper-program.js'
import { pushImage, useRegistryFixture } from '../../support/registry/registry-fixture.js'

const fixture = useRegistryFixture()
const { username, password } = htpasswdUser
const pair = Buffer.from(`${username}:${password}`).toString('base64')
let authority: TestAuthority
let registry: DockerRegistry

beforeAll(async () => {
  authority = await makeAuthority(join(fixture.directory, 'tls'))
  const tls = await authority.issue('registry', ['127.0.0.1'])
  registry = await startDockerRegistry(join(fixture.directory, 'registry'), { htpasswd: true, tls })
  await mkdir(join(fixture.directory, 'bin'))
  process.env.PATH = `${join(fixture.directory, 'bin')}:${process.env.PATH}`
})
afterAll(async () => {
  await registry.stop()
})
beforeEach(async () => {
  for (const name of ['.docker', 'runtime', '.config', 'named.json'])
    await rm(join(fixture.directory, name), { recursive: true, force: true })
  delete process.env.REGISTRY_AUTH_FILE
})

const client = (options: RegistryHostOptions = {}) =>
  fixture.client({ [registry.host]: { ca: authority.pem, ...options } })
const ping = (options: RegistryHostOptions = {}) => client(options).ping(registry.host)
const failure = async (promise: Promise<unknown>) => {
  const error: unknown = await promise.then(
    () => undefined,
    (reason) => reason,
  )
  return error as { code: string; hint: string; message: string }
}
const write = async (name: string, content: unknown) => {
  const path = join(fixture.directory, name)
  await mkdir(join(path, '..'), { recursive: true })
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}
const helper = (name: string, options: { readonly answer?: string; readonly status?: number }) =>
  makeHelper(join(fixture.directory, 'bin'), name, options)

describe('TLS', () => {
  const auth = htpasswdUser
  test('an authority that nobody trusts is refused, and the error says how to trust it', async () => {
    const error = await failure(fixture.client().ping(registry.host, { auth }))
    expect(error.code).toBe('ERR_REGISTRY_TLS')
    expect(error.hint).toContain('ca')
  })

  test('an authority that was given is trusted, as text and as a file', async () => {
    await ping({ auth })
    await ping({ auth, ca: authority.file })
    await ping({ auth, ca: [authority.file] })
  })

  test('a certificate for another name is refused', async () => {
    const host = `localhost:${registry.port}`
    const error = await failure(fixture.client({ [host]: { ca: authority.pem } }).ping(host, { auth }))
    expect(error.code).toBe('ERR_REGISTRY_TLS')
  })

  test('a registry that wants a certificate of ours gets it', async () => {
    const tls = { ...(await authority.issue('strict', ['127.0.0.1'])), clientCa: authority.file }
    const strict = await fixture.keep(startDockerRegistry(join(fixture.directory, 'strict'), { tls }))
    const without = await failure(fixture.client({ [strict.host]: { ca: authority.pem } }).ping(strict.host))
    expect(without.code).toBe('ERR_REGISTRY_TLS')
    const mine = await authority.issue('client')
    const options = { ca: authority.pem, clientCertificate: mine.certificate, clientKey: mine.key }
    await fixture.client({ [strict.host]: options }).ping(strict.host)
  })
})

describe('credentials', () => {
  test('without any the registry refuses, and the error says how to log in', async () => {
    const error = await failure(ping())
    expect(error.code).toBe('ERR_REGISTRY_UNAUTHORIZED')
    expect(error.hint).toContain(`Registry.get('${registry.host}').login`)
  })

  test('wrong ones are refused, and are nowhere in the error', async () => {
    const error = await failure(ping({ auth: { username, password: 'not the password' } }))
    expect(error.code).toBe('ERR_REGISTRY_UNAUTHORIZED')
    const seen = inspect(error, { depth: 20, showHidden: true })
    expect(seen).not.toContain('not the password')
    expect(seen).not.toContain(Buffer.from(`${username}:not the password`).toString('base64'))
  })

  test('those of a call go before those of the engine, which go before those that are stored', async () => {
    await write('.docker/config.json', {
      auths: { [registry.host]: { auth: Buffer.from('no:body').toString('base64') } },
    })
    await ping({ auth: htpasswdUser })
    await client({ auth: { username: 'no', password: 'body' } }).ping(registry.host, { auth: htpasswdUser })
    expect((await failure(client({ auth: htpasswdUser }).ping(registry.host, { auth: 'anonymous' }))).code).toBe(
      'ERR_REGISTRY_UNAUTHORIZED',
    )
  })

  test('with them an image goes up and down', async () => {
    const ref = { host: registry.host, repository: 'private/image' }
    const mine = client({ auth: htpasswdUser })
    const { digest } = await pushImage(mine, ref, { directory: fixture.directory, tags: ['v1'] })
    expect((await mine.manifest(ref, 'v1')).descriptor.digest).toBe(digest)
  })
})

describe('stored credentials are read', () => {
  test.each([
    ['by host', () => registry.host],
    ['by URL', () => `https://${registry.host}`],
    ['by URL with version', () => `https://${registry.host}/v1/`],
  ])('from docker config.json, %s', async (_, key) => {
    await write('.docker/config.json', { auths: { [key()]: { auth: pair } } })
    await ping()
  })

  test('from DOCKER_CONFIG, the file of podman, and REGISTRY_AUTH_FILE', async () => {
    const content = { auths: { [registry.host]: { auth: pair } } }
    process.env.DOCKER_CONFIG = join(fixture.directory, 'elsewhere')
    await write('elsewhere/config.json', content)
    await ping()
    delete process.env.DOCKER_CONFIG
    expect((await failure(ping())).code).toBe('ERR_REGISTRY_UNAUTHORIZED')
    await write('runtime/containers/auth.json', content)
    await ping()
    await rm(join(fixture.directory, 'runtime'), { recursive: true })
    process.env.REGISTRY_AUTH_FILE = await write('named.json', content)
    await ping()
  })

  test('for a part of a registry, as podman keeps them', async () => {
    await write('runtime/containers/auth.json', { auths: { [`${registry.host}/team`]: { auth: pair } } })
    const mine = client()
    await expect(mine.manifest({ host: registry.host, repository: 'team/x' }, 'v1')).rejects.toMatchObject({
      code: expect.stringMatching(/UNKNOWN$/),
    })
    await expect(mine.manifest({ host: registry.host, repository: 'other/x' }, 'v1')).rejects.toMatchObject({
      code: 'ERR_REGISTRY_UNAUTHORIZED',
    })
  })

  test('from the helper of the registry, before the general one, before the file', async () => {
    const own = await helper('own', { answer: helperAnswer(username, password) })
    const general = await helper('general', { answer: helperAnswer('no', 'body') })
    const auths = { [registry.host]: { auth: Buffer.from('no:body').toString('base64') } }
    await write('.docker/config.json', { auths, credsStore: 'general', credHelpers: { [registry.host]: 'own' } })
    await ping()
    expect(await own.calls()).toEqual([`get ${registry.host}`])
    expect(await general.calls()).toEqual([])
    await helper('general', { answer: helperAnswer(username, password) })
    await write('.docker/config.json', { auths, credsStore: 'general' })
    await ping()
  })

  test.each([
    ['is missing', {}],
    ['fails', { status: 3, answer: 'no keyring here' }],
    ['answers nonsense', { answer: '<html>' }],
    ['knows nothing', { status: 1, answer: 'credentials not found in native keychain\n' }],
  ])('a helper that %s is passed over', async (what, options) => {
    const name = what === 'is missing' ? 'missing' : 'odd'
    if (name === 'odd') await helper('odd', options)
    await write('.docker/config.json', { auths: { [registry.host]: { auth: pair } }, credsStore: name })
    await ping()
    const open = await fixture.keep(startDockerRegistry(join(fixture.directory, 'open')))
    await client().ping(open.host)
  })

  test('a file that is no JSON is passed over', async () => {
    await write('.docker/config.json', '{ not json')
    expect((await failure(ping())).code).toBe('ERR_REGISTRY_UNAUTHORIZED')
  })
})

describe('a credential driver', () => {
  const withDriver = (driver: CredentialDriver, options: RegistryHostOptions = {}) =>
    fixture.client({ [registry.host]: { ca: authority.pem, ...options } }, driver)

  test('is asked for what neither the call nor the options say', async () => {
    const asked: string[] = []
    const get = ({ host }: { readonly host: string }) => {
      asked.push(host)
      return htpasswdUser
    }
    const driver: CredentialDriver = { get }
    await withDriver(driver, { auth: htpasswdUser }).ping(registry.host)
    await withDriver(driver).ping(registry.host, { auth: htpasswdUser })
    expect(asked).toEqual([])
    await withDriver(driver).ping(registry.host)
    expect(asked).toEqual([registry.host])
  })

  test('that does not know leaves it to config.json', async () => {
    await write('.docker/config.json', { auths: { [registry.host]: { auth: pair } } })
    await withDriver({ get: () => undefined }).ping(registry.host)
  })

  test('keeps and forgets what a login was given, which then is in no file', async () => {
    const kept = new Map<string, unknown>()
    const driver: CredentialDriver = {
      get: () => undefined,
      store: (host, auth) => void kept.set(host, auth),
      erase: async (host) => void kept.delete(host),
    }
    const made = withDriver(driver)
    await made.keepCredentials(registry.host, htpasswdUser)
    expect([...kept]).toEqual([[registry.host, htpasswdUser]])
    await expect(readFile(join(fixture.directory, '.docker/config.json'))).rejects.toMatchObject({ code: 'ENOENT' })
    await made.dropCredentials(registry.host)
    expect(kept.size).toBe(0)
  })

  test.each<[string, CredentialDriver]>([
    ['throws', { get: () => Promise.reject(new Error('the vault is shut')) }],
    ['says what are no credentials', { get: () => ({ username: 'a:b', password }) }],
  ])('that %s is an error, which shows no password', async (_what, driver) => {
    const error = await failure(withDriver(driver).ping(registry.host))
    expect(error.code).toBe('ERR_CREDENTIALS')
    expect(inspect(error)).not.toContain(password)
  })
})
