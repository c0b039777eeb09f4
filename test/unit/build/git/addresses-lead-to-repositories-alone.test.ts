// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import {
  addressForGit,
  basicCredentials,
  isGitAddress,
  submoduleAddress,
  withoutCredentials,
} from '../../../../src/build/git/git-address.js'
import { parseGitReference } from '../../../../src/build/graph/git-reference.js'

it.each([
  'https://host/r.git',
  'http://user:pass@host:8080/r',
  'ssh://git@host:22/~/r.git',
  'git://host/r',
  'git@host:r.git',
  'deploy-1.user@host.example:/srv/r.git',
])('%s is an address', (text) => {
  expect(isGitAddress(text)).toBe(true)
})

it.each([
  'file:///etc',
  '/etc',
  './r',
  'ext::sh -c true',
  'git@host::ext',
  '--upload-pack=x',
  'ssh://-oProxyCommand=x/r',
  'ssh://git@-oProxyCommand=x/r',
  'git@-oProxyCommand=x:r',
  'https://host/a b',
  'https://host/a\nb',
  'https:///r.git',
  '',
])('%j is none', (text) => {
  expect(isGitAddress(text)).toBe(false)
})

it.each([
  ['https://host/a/b.git', '../c.git', 'https://host/a/c.git'],
  ['https://host/a/b.git/', './c.git', 'https://host/a/b.git/c.git'],
  ['https://host/a/b.git', '../../c.git', 'https://host/c.git'],
  ['git@host:a/b.git', '../c.git', 'git@host:a/c.git'],
  ['git@host:b.git', '../c.git', 'git@host:c.git'],
  ['https://host/b.git', 'ssh://git@other/c.git', 'ssh://git@other/c.git'],
  ['https://host/b.git', '../../c.git', null],
  ['https://host/b.git', '../../evil/c.git', null],
  ['https://host/b.git', '/etc', null],
  ['https://host/b.git', 'ext::sh -c true', null],
  ['https://host/b.git', '--upload-pack=x', null],
])('the submodule of %s at %s is at %s', (parent, address, found) => {
  expect(submoduleAddress(parent, address)).toBe(found)
})

describe('passwords', () => {
  it('are in no message and no argument', () => {
    const address = 'https://me:p%40ss@host/r.git'
    expect(withoutCredentials(`fatal: '${address}' is not there`)).toBe("fatal: 'https://host/r.git' is not there")
    expect(addressForGit(address)).toBe('https://host/r.git')
    expect(addressForGit('ssh://git@host/r.git')).toBe('ssh://git@host/r.git')
    expect(basicCredentials(address)).toBe(`basic ${Buffer.from('me:p@ss').toString('base64')}`)
    expect(basicCredentials('https://host/r@b.git')).toBeNull()
  })
})

it.each([
  ['https://h/r.git#v1:sub/dir', { ref: 'v1', subdirectory: 'sub/dir', submodules: true }],
  ['https://h/r.git?branch=b&subdir=d&submodules=0', { ref: 'refs/heads/b', subdirectory: 'd', submodules: false }],
  [
    'https://h/r.git?tag=t&commit=abcdef0&keep-git-dir',
    { ref: 'refs/tags/t', checksum: 'abcdef0', keepGitDirectory: true },
  ],
])('%s says what of the repository is meant', (text, expected) => {
  expect(parseGitReference(text)).toMatchObject(expected)
})

it.each(['-x', 'a b', 'a:b', 'a..b', 'a^', 'a~1', 'a*', 'a?', 'a[', 'a\\', 'a@{1}', 'a.lock', 'a//b'])(
  'the ref %j is refused',
  (ref) => {
    const query = new URLSearchParams({ ref }).toString()
    expect(parseGitReference(`https://h/r.git?${query}`)).toMatchObject({
      problem: expect.stringContaining('cannot be a ref'),
    })
  },
)
