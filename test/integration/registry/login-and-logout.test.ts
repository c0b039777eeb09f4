// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Engine, EngineError, Registry } from '../../../src/index.js'
import { type DockerRegistry, htpasswdUser, startDockerRegistry } from '../../support/registry/docker-registry.js'
import { pushImage, useRegistryFixture } from '../../support/registry/registry-fixture.js'

const run = promisify(execFile)
const fixture = useRegistryFixture()
let registry: DockerRegistry
let engine: Engine
beforeAll(async () => {
  registry = await startDockerRegistry(join(fixture.directory, 'registry'), { htpasswd: true })
  engine = await Engine.open({ root: join(fixture.directory, 'root'), runRoot: join(fixture.directory, 'run') })
})
afterAll(async () => {
  await engine.close()
  await registry.stop()
})
const mine = () => Registry.get(registry.host, { engine })
const config = async () => JSON.parse(await readFile(join(fixture.directory, '.docker/config.json'), 'utf8'))

describe('without a helper', () => {
  test('login keeps the credentials in config.json as docker does, and leaves the rest of it', async () => {
    await mkdir(join(fixture.directory, '.docker'))
    const before = { auths: { 'other.example': { auth: 'eDp5' } }, psFormat: 'table' }
    await writeFile(join(fixture.directory, '.docker/config.json'), JSON.stringify(before))
    await mine().login(htpasswdUser)
    const auth = Buffer.from(`${htpasswdUser.username}:${htpasswdUser.password}`).toString('base64')
    expect(await config()).toEqual({ ...before, auths: { ...before.auths, [registry.host]: { auth } } })
    expect((await stat(join(fixture.directory, '.docker/config.json'))).mode & 0o777).toBe(0o600)
  })

  test('after it the registry answers, to us and to skopeo', async () => {
    const ref = { host: registry.host, repository: 'team/image' }
    const { digest } = await pushImage(fixture.client(), ref, { directory: fixture.directory, tags: ['v1', 'v2'] })
    expect(await mine().tags('team/image')).toEqual(['v1', 'v2'])
    for await (const tag of mine().tags('team/image')) {
      expect(tag).toBe('v1')
      break
    }
    const { stdout } = await run('skopeo', ['inspect', '--tls-verify=false', `docker://${registry.host}/team/image:v1`])
    expect(JSON.parse(stdout).Digest).toBe(digest)
    expect(await mine().referrers('team/image:v1')).toEqual([])
    await mine().delete(`${registry.host}/team/image:v1`)
    await expect(mine().referrers('team/image:v2')).rejects.toSatisfy((error) =>
      EngineError.is(error, 'ERR_REGISTRY_MANIFEST_UNKNOWN'),
    )
  })

  test('a wrong password is refused, and not kept', async () => {
    const before = await config()
    const wrong = mine().login({ username: 'alice', password: 'wrong' })
    await expect(wrong).rejects.toMatchObject({ code: 'ERR_REGISTRY_UNAUTHORIZED' })
    expect(await config()).toEqual(before)
  })

  test('logout removes them', async () => {
    await mine().logout()
    expect((await config()).auths).toEqual({ 'other.example': { auth: 'eDp5' } })
    await expect(mine().tags('team/image')).rejects.toMatchObject({ code: 'ERR_REGISTRY_UNAUTHORIZED' })
    await mine().logout()
  })
})

describe('with the helper for pass', () => {
  let keys: string
  beforeAll(async () => {
    // The path of gpg-agent's socket has a limit.
    keys = await mkdtemp('/tmp/tsc-gpg-')
    process.env.GNUPGHOME = keys
    process.env.PASSWORD_STORE_DIR = join(keys, 'store')
    const quick = ['--batch', '--passphrase', '', '--quick-gen-key', 'tests@example.org', 'default', 'default', 'never']
    await run('gpg', quick)
    await run('pass', ['init', 'tests@example.org'])
    await writeFile(join(fixture.directory, '.docker/config.json'), JSON.stringify({ credsStore: 'pass' }))
  })
  afterAll(async () => {
    await run('gpgconf', ['--kill', 'all'])
    await rm(keys, { recursive: true, force: true })
    delete process.env.GNUPGHOME
    delete process.env.PASSWORD_STORE_DIR
  })

  test('login keeps the password there and not in the file, and logout takes it away', async () => {
    await mine().login(htpasswdUser)
    expect(await config()).toEqual({ credsStore: 'pass', auths: { [registry.host]: {} } })
    const { stdout } = await run('docker-credential-pass', ['list'])
    expect(JSON.parse(stdout)).toEqual({ [registry.host]: 'alice' })
    await expect(mine().tags('none')).rejects.toMatchObject({ code: 'ERR_REGISTRY_REPOSITORY_UNKNOWN' })
    await mine().logout()
    expect(JSON.parse((await run('docker-credential-pass', ['list'])).stdout)).toEqual({})
    await expect(mine().tags('none')).rejects.toMatchObject({ code: 'ERR_REGISTRY_UNAUTHORIZED' })
  })
})

describe('arguments', () => {
  test.each(['', 'a b', 'x/y', '../etc', 'host:port:1', 'http://'])('%j is no host', (host) => {
    expect(() => Registry.get(host, { engine })).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }))
  })

  test('all names of Docker Hub are one', () => {
    const names = ['docker.io', 'index.docker.io', 'registry-1.docker.io', 'https://index.docker.io/v1/']
    expect(names.map((name) => Registry.get(name, { engine }).host)).toEqual(names.map(() => 'docker.io'))
  })

  test('an image of another registry is refused', async () => {
    const hub = Registry.get('docker.io', { engine })
    await expect(hub.delete('ghcr.io/o/r:v1')).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
    await expect(mine().delete('team/image')).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
  })
})
