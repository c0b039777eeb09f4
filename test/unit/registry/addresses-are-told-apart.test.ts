// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest'
import { classOfAddress, classOfHostname } from '../../../src/registry/address-class.js'
import { AddressGuard } from '../../../src/registry/address-guard.js'
import { targetOf } from '../../../src/registry/follow.js'
import { proxyFor } from '../../../src/registry/proxy.js'

test.each([
  ['127.0.0.1', 'loopback'],
  ['127.9.9.9', 'loopback'],
  ['0.0.0.0', 'loopback'],
  ['::1', 'loopback'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['169.254.169.254', 'link'],
  ['::ffff:169.254.169.254', 'link'],
  ['fe80::1%eth0', 'link'],
  ['fd00:ec2::254', 'link'],
  ['10.0.0.1', 'other'],
  ['1.1.1.1', 'other'],
  ['2001:db8::1', 'other'],
])('%s is %s', (address, kind) => {
  expect(classOfAddress(address)).toBe(kind)
})

test('hosts of URLs are told apart in every way of writing them', () => {
  const classOf = (url: string) => classOfHostname(new URL(url).hostname)
  expect(
    ['http://2130706433/', 'http://0x7f.1/', 'http://[::1]/', 'http://a.localhost/', 'http://LOCALHOST./'].map(classOf),
  ).toEqual(Array(5).fill('loopback'))
  expect(
    ['http://0xa9fea9fe/', 'http://[::ffff:a9fe:a9fe]/', 'http://metadata.google.internal./'].map(classOf),
  ).toEqual(Array(3).fill('link'))
  expect(classOf('http://example.org/')).toBeNull()
})

describe('a guard', () => {
  const look = (guard: AddressGuard, hostname: string) =>
    new Promise<unknown>((resolve) => guard.lookup(hostname, { all: true }, (error, found) => resolve(error ?? found)))

  test('of a registry elsewhere keeps names from leading to this machine', async () => {
    const guard = await AddressGuard.of('203.0.113.5')
    expect(() => guard.check('127.0.0.1')).toThrow(expect.objectContaining({ code: 'ERR_REGISTRY_PROTOCOL' }))
    expect(() => guard.check('[::1]')).toThrow()
    expect(() => guard.check('198.51.100.1')).not.toThrow()
    // A name that says nothing of where it leads.
    expect(await look(guard, 'localhost')).toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL' })
  })

  test('of a registry on this machine lets it lead there, and not to metadata services', async () => {
    const guard = await AddressGuard.of('127.0.0.1')
    expect(() => guard.check('127.0.0.1')).not.toThrow()
    expect(Array.isArray(await look(guard, 'localhost'))).toBe(true)
    expect(() => guard.check('169.254.169.254')).toThrow()
  })
})

describe('a Location', () => {
  test.each([
    ['/v2/x?a=b', 'https://registry.example/v2/x?a=b'],
    ['https://storage.example/y', 'https://storage.example/y'],
    // A registry behind a proxy that ends TLS.
    ['http://registry.example/v2/x', 'https://registry.example/v2/x'],
  ])('%s', (location, url) => {
    expect(targetOf(location, new URL('https://registry.example/v2/')).href).toBe(url)
  })

  test.each([
    'http://other.example/',
    'http://registry.example:8080/',
    'file:///x',
    'https://a:b@registry.example/',
    'http://',
  ])('%s is refused', (location) => {
    const base = new URL('https://registry.example/v2/')
    expect(() => targetOf(location, base)).toThrow(expect.objectContaining({ code: 'ERR_REGISTRY_PROTOCOL' }))
  })
})

describe('the proxy', () => {
  const proxy = (url: string, env: Record<string, string>) => proxyFor(new URL(url), env)?.host ?? null

  test('is that of the scheme, else the one for all', () => {
    const env = { HTTPS_PROXY: 'http://s:1', http_proxy: 'p:2' }
    expect(proxy('https://a.example/', env)).toBe('s:1')
    expect(proxy('http://a.example/', env)).toBe('p:2')
    expect(proxy('https://a.example/', { ALL_PROXY: 'http://all:3' })).toBe('all:3')
    expect(proxy('https://localhost:5000/', env)).toBeNull()
    expect(proxy('https://127.0.0.1/', env)).toBeNull()
  })

  test.each([
    [{ HTTPS_PROXY: 'socks5://me:secret@s:1' }, 'HTTPS_PROXY', 'socks5'],
    [{ ALL_PROXY: 'socks5h://s:1' }, 'ALL_PROXY', 'socks5h'],
    [{ HTTPS_PROXY: 'ftp://s' }, 'HTTPS_PROXY', 'ftp'],
    [{ https_proxy: 'http://' }, 'HTTPS_PROXY', 'no URL'],
  ])('of another kind is refused, not gone around: %j', (env, variable, kind) => {
    const refusal = { code: 'ERR_UNSUPPORTED', message: expect.stringContaining(kind), object: variable }
    expect(() => proxy('https://a.example/', env)).toThrow(expect.objectContaining(refusal))
    expect(() => proxy('https://a.example/', env)).not.toThrow(
      expect.objectContaining({ message: expect.stringContaining('secret') }),
    )
    expect(proxy('https://a.example/', { ...env, NO_PROXY: 'a.example' })).toBeNull()
    expect(proxy('https://localhost/', env)).toBeNull()
  })

  test.each([
    ['*', 'https://a.example/', true],
    ['example', 'https://a.example/', true],
    ['.a.example', 'https://b.a.example/', true],
    ['*.a.example', 'https://b.a.example/', true],
    ['a.example', 'https://ba.example/', false],
    ['a.example:443', 'https://a.example/', true],
    ['a.example:8080', 'https://a.example/', false],
    ['x, A.EXAMPLE', 'https://a.example/', true],
    ['10.0.0.0/8', 'https://10.1.2.3/', true],
    ['10.0.0.0/8', 'https://11.1.2.3/', false],
    ['10.0.0.1', 'https://10.0.0.1:5000/', true],
    ['[2001:db8::1]', 'https://[2001:db8::1]/', true],
    ['2001:db8::/32', 'https://[2001:db8::1]/', true],
    ['', 'https://a.example/', false],
    ['10.0.0.0/99', 'https://10.1.2.3/', false],
  ])('NO_PROXY=%s for %s: %s', (list, url, excluded) => {
    expect(proxy(url, { HTTPS_PROXY: 'http://p:1', NO_PROXY: list }) === null).toBe(excluded)
  })
})
