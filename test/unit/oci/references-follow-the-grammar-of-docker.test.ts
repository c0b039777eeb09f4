// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import {
  canonicalReference,
  familiarReference,
  parseReference,
  repositoryOf,
  withDefaultTag,
} from '../../../src/oci/reference.js'

const hex = 'a'.repeat(64)

describe('parseReference', () => {
  it.each([
    ['debian', 'docker.io/library/debian', 'debian'],
    ['debian:bookworm-slim', 'docker.io/library/debian:bookworm-slim', 'debian:bookworm-slim'],
    ['library/debian', 'docker.io/library/debian', 'debian'],
    ['docker.io/debian', 'docker.io/library/debian', 'debian'],
    ['index.docker.io/library/debian', 'docker.io/library/debian', 'debian'],
    ['grafana/grafana', 'docker.io/grafana/grafana', 'grafana/grafana'],
    ['docker.io/a/b/c', 'docker.io/a/b/c', 'a/b/c'],
    [`ghcr.io/o/r:tag@sha256:${hex}`, `ghcr.io/o/r:tag@sha256:${hex}`, `ghcr.io/o/r:tag@sha256:${hex}`],
    [`debian@sha256:${hex}`, `docker.io/library/debian@sha256:${hex}`, `debian@sha256:${hex}`],
    ['localhost/x', 'localhost/x', 'localhost/x'],
    ['localhost:5000/x/y:1', 'localhost:5000/x/y:1', 'localhost:5000/x/y:1'],
    ['127.0.0.1:5000/x', '127.0.0.1:5000/x', '127.0.0.1:5000/x'],
    ['[::1]:5000/x', '[::1]:5000/x', '[::1]:5000/x'],
    ['REGISTRY/x', 'REGISTRY/x', 'REGISTRY/x'],
    ['xn--n3h.com/x', 'xn--n3h.com/x', 'xn--n3h.com/x'],
    ['x/a__b.c--d_e:V1.2_3-4', 'docker.io/x/a__b.c--d_e:V1.2_3-4', 'x/a__b.c--d_e:V1.2_3-4'],
    ['a:5000', 'docker.io/library/a:5000', 'a:5000'],
  ])('reads %s as %s, shown as %s', (text, canonical, familiar) => {
    const reference = parseReference(text)
    expect(canonicalReference(reference)).toBe(canonical)
    expect(familiarReference(reference)).toBe(familiar)
    expect(parseReference(canonical)).toEqual(reference)
    expect(parseReference(familiar)).toEqual(reference)
  })

  it.each([
    '',
    ':tag',
    'Debian',
    'library/Debian',
    'a b',
    'a//b',
    '/a',
    'a/',
    'a/../b',
    '../a',
    './a',
    '-a',
    'a-',
    'a___b',
    'a..b',
    'a:',
    'a:-x',
    'a:b:c',
    `a:${'x'.repeat(129)}`,
    'a@',
    'a@sha256:abc',
    `a@sha256:${'A'.repeat(64)}`,
    `a@sha256:${hex}@sha256:${hex}`,
    'a@md5',
    hex,
    'http://x/y',
    'https://ghcr.io/a/b',
    'ghcr.io:port/a',
    'gh_cr.io/a',
    '-x.io/a',
    'x.io-/a',
    '[::1/a',
    'docker.io/',
    'a\n',
    'a\0',
    'a?x',
    'a%2fb',
    'ä',
    `${'a/'.repeat(130)}a`,
    'x'.repeat(5000),
    5,
    null,
    undefined,
  ])('refuses %j', (text) => {
    expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_REFERENCE' }))
  })

  it('says that names are in lower case', () => {
    expect(() => parseReference('library/Debian')).toThrow('lower case')
  })

  it('leaves the tag away until it is asked for', () => {
    const reference = parseReference('debian')
    expect(reference.tag).toBeUndefined()
    expect(withDefaultTag(reference).tag).toBe('latest')
    expect(withDefaultTag(parseReference(`debian@sha256:${hex}`)).tag).toBeUndefined()
    expect(repositoryOf(parseReference('debian:9'))).toBe('docker.io/library/debian')
  })
})
