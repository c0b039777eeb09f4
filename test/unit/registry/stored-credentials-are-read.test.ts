// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest'
import { credentialFiles } from '../../../src/registry/credential-files.js'
import { authIn, helperIn, parseDockerConfig, serverKey } from '../../../src/registry/docker-config.js'
import { canonicalHost, checkRepository } from '../../../src/registry/registry-host.js'
import { checkRegistryOptions } from '../../../src/registry/registry-options.js'

const base64 = (text: string) => Buffer.from(text).toString('base64')
const parse = (value: unknown) => parseDockerConfig(JSON.stringify(value))

describe('config.json', () => {
  test('has entries of every kind', () => {
    const config = parse({
      auths: {
        'https://index.docker.io/v1/': { auth: base64('bob:pass:word\0\0') },
        'ghcr.io': { auth: base64('<token>:'), identitytoken: 'refresh' },
        'https://quay.io': { registrytoken: 'bearer' },
        'http://plain.example/v2/': { username: 'u', password: '' },
        'marker.example': {},
        'broken.example': { auth: '!!!' },
        'null.example': null,
      },
    })
    expect(authIn(config, 'docker.io', undefined)).toEqual({ username: 'bob', password: 'pass:word' })
    expect(authIn(config, 'ghcr.io', 'a/b')).toEqual({ identityToken: 'refresh' })
    expect(authIn(config, 'quay.io', undefined)).toEqual({ bearerToken: 'bearer' })
    expect(authIn(config, 'plain.example', undefined)).toEqual({ username: 'u', password: '' })
    for (const host of ['marker.example', 'broken.example', 'null.example', 'none.example'])
      expect(authIn(config, host, undefined)).toBeUndefined()
  })

  test('names helpers by registry before the one for all', () => {
    const config = parse({
      credsStore: 'all',
      credHelpers: { 'gcr.io': 'gcloud', 'https://index.docker.io/v1/': 'hub' },
    })
    expect([helperIn(config, 'gcr.io'), helperIn(config, 'docker.io'), helperIn(config, 'quay.io')]).toEqual([
      'gcloud',
      'hub',
      'all',
    ])
    expect(serverKey('docker.io')).toBe('https://index.docker.io/v1/')
    expect(serverKey('quay.io')).toBe('quay.io')
  })

  test('of podman may be for a part of a registry: the longest wins', () => {
    const entry = (name: string) => ({ auth: base64(`${name}:x`) })
    const config = parse({ auths: { 'a.io': entry('all'), 'a.io/x': entry('x'), 'a.io/x/y': entry('y') } })
    const user = (repository: string) =>
      (authIn(config, 'a.io', repository) as { username?: string } | undefined)?.username
    expect([user('x/y/z'), user('x/other'), user('xy'), user('w')]).toEqual(['y', 'x', 'all', 'all'])
  })

  test.each([
    '[]',
    'null',
    '1',
    '{',
    '{"auths":[]}',
    '{"auths":{"a":"b"}}',
    '{"credsStore":1}',
    '{"credHelpers":{"a":1}}',
  ])('%s is refused', (text) => {
    expect(() => parseDockerConfig(text)).toThrow()
  })

  test('has keys that are no properties', () => {
    const config = parseDockerConfig(`{"auths":{"__proto__":{"auth":"${base64('a:b')}"}}}`)
    expect(authIn(config, '__proto__', undefined)).toEqual({ username: 'a', password: 'b' })
    expect(authIn(config, 'constructor', undefined)).toBeUndefined()
  })
})

test('files are asked in their order', () => {
  const env = { HOME: '/h', XDG_RUNTIME_DIR: '/run/user/1', REGISTRY_AUTH_FILE: '/own.json', DOCKER_CONFIG: '/d' }
  expect(credentialFiles(env)).toEqual([
    '/own.json',
    '/d/config.json',
    '/run/user/1/containers/auth.json',
    '/h/.config/containers/auth.json',
  ])
})

describe('options', () => {
  const option = (registries: unknown) => {
    try {
      checkRegistryOptions(registries, 'registries')
      return null
    } catch (error) {
      return (error as { option?: string }).option
    }
  }

  test('that make sense pass', () => {
    const auth = { username: 'u', password: 'p' }
    const full = {
      mirrors: ['m.example', 'http://m:5000/p'],
      plainHttp: true,
      ca: '/ca.pem',
      auth,
      timeoutMs: 5,
      uploadChunkSize: '8m',
    }
    expect(option({ 'docker.io': full, 'localhost:5000': {}, '[::1]:5000': { auth: 'anonymous' } })).toBeNull()
  })

  test.each([
    [{ 'a b': {} }, 'registries'],
    [{ 'a.io': { mirrors: ['ftp://x'] } }, 'registries.a.io.mirrors[0]'],
    [{ 'a.io': { mirrors: ['https://u:p@x'] } }, 'registries.a.io.mirrors[0]'],
    [{ 'a.io': { ca: 'relative.pem' } }, 'registries.a.io.ca'],
    [{ 'a.io': { clientCertificate: '/c.pem' } }, 'registries.a.io'],
    [{ 'a.io': { auth: { username: 'u' } } }, 'registries.a.io.auth'],
    [{ 'a.io': { auth: { username: 'u:v', password: 'p' } } }, 'registries.a.io.auth.username'],
    [{ 'a.io': { auth: { bearerToken: 'a\r\nb' } } }, 'registries.a.io.auth.bearerToken'],
    [{ 'a.io': { connectTo: 'nowhere' } }, 'registries.a.io.connectTo'],
    [{ 'a.io': { insecure: true } }, 'registries.a.io.insecure'],
  ])('that do not are refused by name: %j', (registries, name) => {
    expect(option(registries)).toBe(name)
  })
})

test('hosts and repositories become part of URLs only in the grammar of names', () => {
  expect(canonicalHost('GHCR.io')).toBe('ghcr.io')
  for (const host of ['a/b', 'a?b', 'a#b', 'u@h', 'a\\b', 'a%2fb', '', '[::1', 5])
    expect(() => canonicalHost(host)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }))
  for (const repository of ['../x', 'a//b', 'A', 'a?b', 'a/%2e%2e', '/a', 'a/', '', 'a:b', 'a@sha256:b'])
    expect(() => checkRepository({ host: 'ghcr.io', repository })).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_REFERENCE' }),
    )
  expect(() => checkRepository({ host: 'docker.io', repository: 'library/debian' })).not.toThrow()
})
