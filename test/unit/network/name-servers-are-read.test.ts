// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import { containerResolvConf, parseResolvConf } from '../../../src/network/name-servers.js'

test('servers and domains are taken as resolv.conf(5) has them', () => {
  const text =
    'domain old.example\nsearch one.example two.example # here\n; none\nnameserver 192.0.2.1\nnameserver fd00::1\n'
  expect(parseResolvConf(text)).toEqual({
    servers: ['192.0.2.1', 'fd00::1'],
    search: ['one.example', 'two.example'],
  })
  expect(parseResolvConf('nameserver 1.2.3.4\nnameserver 1.2.3.4\n').servers).toEqual(['1.2.3.4'])
})

test.each([
  'search evil.example\rnameserver',
  'search a\u0000b',
  'search a;b',
  'search $(id)',
  `search ${'x'.repeat(254)}`,
  'search ../../etc',
  'search -ndots:15',
  'search "quoted"',
  'search \u202egro.elpmaxe',
])('a search domain that is none is left out: %j', (text) => {
  const { search } = parseResolvConf(text)
  for (const domain of search) expect(domain).toMatch(/^[a-z0-9._-]+$/)
  expect(containerResolvConf({ search })).toMatch(
    /^nameserver 127\.0\.0\.11\n(search [a-z0-9._ -]+\n)?options ndots:0\n$/,
  )
  expect(search).not.toContain(text.replace('search ', ''))
})

test.each(['nameserver evil.example', 'nameserver 1.2.3', 'nameserver 192.0.2.1;rm', 'nameserver ::g'])(
  'what is no address is asked for nothing: %j',
  (text) => {
    expect(parseResolvConf(text).servers.filter((server) => server !== '192.0.2.1')).toEqual([])
  },
)
