// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import { parseReference } from '../../../src/oci/reference.js'
import { checkSignaturePolicies } from '../../../src/signature/signature-options.js'
import { policyFor } from '../../../src/signature/signature-policy.js'

const policies = [
  '*',
  'registry.example/*',
  'registry.example/team/*',
  'registry.example/team/app',
  'docker.io/*',
  'library/debian',
  'team/*',
  '127.0.0.1:5000/app',
].map((match) => ({ match, accept: true as const }))

test.each([
  ['registry.example/team/app:1', 'registry.example/team/app'],
  ['registry.example/team/app/part', 'registry.example/team/*'],
  ['registry.example/team/app2', 'registry.example/team/*'],
  ['registry.example/teams/app', 'registry.example/*'],
  ['registry.example/team', 'registry.example/*'],
  ['registry.example:5000/team/app', '*'],
  ['debian', 'library/debian'],
  ['docker.io/library/debian@sha256:'.concat('a'.repeat(64)), 'library/debian'],
  ['alpine', 'docker.io/*'],
  ['team/app', 'team/*'],
  // Other names of the same repositories.
  ['REGISTRY.example/team/app', 'registry.example/team/app'],
  ['registry.example:443/team/app', 'registry.example/team/app'],
  ['registry.example:0443/team/app', 'registry.example/team/app'],
  ['127.1:5000/app', '127.0.0.1:5000/app'],
  ['index.docker.io/library/debian', 'library/debian'],
  ['registry-1.docker.io/library/debian', 'library/debian'],
])('%s: %s', (name, match) => {
  expect(policyFor(policies, parseReference(name))?.match).toBe(match)
})

test('without an entry that fits there is none', () => {
  expect(policyFor([{ match: 'ghcr.io/*', reject: true }], parseReference('debian'))).toBeUndefined()
})

test.each([
  ['ghcr.io', 'signatures[0].match'],
  ['ghcr.io/te*', 'signatures[0].match'],
  ['*/app', 'signatures[0].match'],
  ['ghcr.io/team/app:1', 'signatures[0].match'],
  ['ghcr.io/Team/app', 'signatures[0].match'],
  [undefined, 'signatures[0].match'],
])('a pattern that protects nothing is refused: %s', (match, option) => {
  expect(() => checkSignaturePolicies([{ match, accept: true }], 'signatures')).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', option }),
  )
})

test('entries that contradict themselves or each other are refused', () => {
  const refused = (...entries: readonly unknown[]) =>
    expect(() => checkSignaturePolicies(entries, 'signatures')).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }),
    )
  refused({ match: '*' })
  refused({ match: '*', accept: true, reject: true })
  refused({ match: '*', accept: false })
  refused({ match: '*', accept: true, keys: ['/a'] })
  refused({ match: 'debian/x', accept: true }, { match: 'docker.io/debian/x', reject: true })
  checkSignaturePolicies(
    [
      { match: 'debian/x', accept: true },
      { match: '*', keys: ['/a'] },
    ],
    'signatures',
  )
})
