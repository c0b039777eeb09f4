// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest'
import { checkBuildOptions } from '../../../../src/build/build-options.js'

const checked = (options: object) => () => checkBuildOptions({ context: '.', ...options })
const reference = 'registry.example/app:cache'

describe('caches are given', () => {
  test.each<object>([
    { cacheFrom: reference },
    { cacheFrom: [reference, { type: 'local', path: 'cache' }] },
    { cacheFrom: { type: 'registry', reference, auth: 'anonymous' } },
    { cacheTo: { type: 'inline' } },
    {
      cacheTo: [
        { type: 'local', path: '/cache', mode: 'max' },
        { type: 'registry', reference, mode: 'min' },
      ],
    },
    { cacheFrom: [], cacheTo: [] },
  ])('as %j', (options) => {
    expect(checked(options)).not.toThrow()
  })

  test.each<readonly [object, string]>([
    [{ cacheFrom: 'no reference at all' }, 'ERR_INVALID_REFERENCE'],
    [{ cacheFrom: { type: 'inline' } }, 'ERR_INVALID_ARGUMENT'],
    [{ cacheFrom: { type: 'gha' } }, 'ERR_INVALID_ARGUMENT'],
    [{ cacheFrom: { type: 'local' } }, 'ERR_INVALID_ARGUMENT'],
    [{ cacheFrom: { type: 'local', path: 'x', mode: 'max' } }, 'ERR_INVALID_ARGUMENT'],
    [{ cacheFrom: { type: 'registry', reference, auth: 'x' } }, 'ERR_INVALID_ARGUMENT'],
    [{ cacheTo: reference }, 'ERR_INVALID_ARGUMENT'],
    [{ cacheTo: { type: 'registry' } }, 'ERR_INVALID_ARGUMENT'],
    [{ cacheTo: { type: 'registry', reference: `${reference}@sha256:${'a'.repeat(64)}` } }, 'ERR_INVALID_REFERENCE'],
    [{ cacheTo: { type: 'local', path: 'x', mode: 'all' } }, 'ERR_INVALID_ARGUMENT'],
    [{ cacheTo: { type: 'inline', mode: 'max' } }, 'ERR_INVALID_ARGUMENT'],
    [{ cacheTo: [{ type: '__proto__' }] }, 'ERR_INVALID_ARGUMENT'],
  ])('not as %j', (options, code) => {
    expect(checked(options)).toThrow(expect.objectContaining({ code }))
  })
})
