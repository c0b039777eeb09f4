// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest'
import { EngineError } from '../../../src/errors/engine-error.js'
import { connectionFailure } from '../../../src/registry/connection-failure.js'
import { answerFailure, type Subject } from '../../../src/registry/registry-failure.js'
import { firstError } from '../../../src/registry/registry-json.js'
import { retryVerdict } from '../../../src/registry/retry-verdict.js'

const manifest: Subject = { kind: 'manifest', name: 'ghcr.io/a/b:v1' }
const answer = (status: number, code = '', message = '', retryAfterMs: number | null = null, authenticated = false) =>
  answerFailure(
    { host: 'ghcr.io', status, error: code ? { code, message } : null, retryAfterMs, authenticated },
    manifest,
  )

describe('an answer', () => {
  test.each([
    [401, 'UNAUTHORIZED', '', 'ERR_REGISTRY_UNAUTHORIZED'],
    [403, 'DENIED', 'requested access is denied', 'ERR_REGISTRY_DENIED'],
    [403, 'DENIED', 'storage quota exceeded', 'ERR_REGISTRY_QUOTA'],
    [
      412,
      'PRECONDITION',
      'adding 3 MiB of storage resource, which when updated exceeds the quota',
      'ERR_REGISTRY_QUOTA',
    ],
    [413, '', '', 'ERR_REGISTRY_QUOTA'],
    [507, '', '', 'ERR_REGISTRY_QUOTA'],
    [404, 'NAME_UNKNOWN', '', 'ERR_REGISTRY_REPOSITORY_UNKNOWN'],
    [404, 'MANIFEST_UNKNOWN', '', 'ERR_REGISTRY_MANIFEST_UNKNOWN'],
    [404, 'BLOB_UNKNOWN', '', 'ERR_REGISTRY_BLOB_UNKNOWN'],
    [404, '', '', 'ERR_REGISTRY_MANIFEST_UNKNOWN'],
    [404, '__proto__', '', 'ERR_REGISTRY_MANIFEST_UNKNOWN'],
    [405, 'UNSUPPORTED', '', 'ERR_REGISTRY_UNSUPPORTED'],
    [429, 'TOOMANYREQUESTS', '', 'ERR_REGISTRY_RATE_LIMITED'],
    [500, '', '', 'ERR_REGISTRY_FAILED'],
    [503, '', '', 'ERR_REGISTRY_FAILED'],
    [400, 'MANIFEST_INVALID', 'no', 'ERR_REGISTRY_FAILED'],
  ])('%i %s %s is %s', (status, code, message, expected) => {
    const error = answer(status, code, message)
    expect(error.code).toBe(expected)
    expect(error.message).toContain('ghcr.io')
    expect(error.object).toBe(manifest.name)
  })

  test('says the cure: another for who is logged in', () => {
    expect(answer(401, 'UNAUTHORIZED').hint).toContain("Registry.get('ghcr.io').login")
    expect(answer(401, 'UNAUTHORIZED', '', null, true).hint).toContain('wrong')
    expect(answer(429, 'X', '', 3_600_000).hint).toMatch(/until 20\d\d-/)
    expect(answer(404, 'MANIFEST_UNKNOWN').hint).toContain('tags')
  })

  test('cannot move the cursor of a terminal, or fill it', () => {
    const error = answer(403, 'DENIED', `\u001b[2J${'x'.repeat(10_000)}`)
    expect(error.message).not.toContain('\u001b')
    expect(error.message.length).toBeLessThan(500)
  })

  test('is worth another try, or not', () => {
    expect([429, 500, 502, 503, 504, 408].map((status) => retryVerdict(answer(status)))).toEqual(Array(6).fill(true))
    expect([400, 401, 403, 404, 405, 413, 501, 507].map((status) => retryVerdict(answer(status)))).toEqual(
      Array(8).fill(false),
    )
    expect(retryVerdict(answer(429, 'X', '', 0))).toBe(0)
    expect(retryVerdict(answer(503, 'X', '', 5000))).toBe(5000)
    expect(retryVerdict(answer(429, 'X', '', 31_000))).toBe(false)
  })

  test.each([
    ['{"errors":[{"code":"A","message":"b"}]}', { code: 'A', message: 'b' }],
    ['{"errors":[{"code":"A"}]}', { code: 'A', message: '' }],
    ['{"details":"incorrect username or password"}', { code: '', message: 'incorrect username or password' }],
    ['{"errors":[]}', null],
    ['{"errors":{"code":"A"}}', null],
    ['{"errors":[{"code":1}]}', null],
    ['{"__proto__":{"errors":[{"code":"A"}]}}', null],
    ['<html>', null],
    ['', null],
  ])('with the body %s', (body, error) => {
    expect(firstError(Buffer.from(body))).toEqual(error)
  })
})

describe('a connection', () => {
  const failed = (code: string) => connectionFailure(Object.assign(new Error('x'), { code }), 'ghcr.io')

  test.each([
    ['ENOTFOUND', 'ERR_REGISTRY_HOST_UNKNOWN', false],
    ['EAI_AGAIN', 'ERR_REGISTRY_HOST_UNKNOWN', true],
    ['ECONNREFUSED', 'ERR_REGISTRY_UNREACHABLE', true],
    ['ECONNRESET', 'ERR_REGISTRY_UNREACHABLE', true],
    ['UND_ERR_CONNECT_TIMEOUT', 'ERR_REGISTRY_UNREACHABLE', true],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'ERR_REGISTRY_TLS', false],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'ERR_REGISTRY_TLS', false],
    ['CERT_HAS_EXPIRED', 'ERR_REGISTRY_TLS', false],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'ERR_REGISTRY_TLS', false],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_REGISTRY_TLS', false],
  ])('that failed with %s is %s', (errno, code, retried) => {
    const error = failed(errno)
    expect(error).toMatchObject({ code, errno, object: 'ghcr.io' })
    expect(error.hint).toBeTruthy()
    expect(retryVerdict(error)).toBe(retried)
  })

  test('that failed with an error of ours keeps it', () => {
    const own = new EngineError({ code: 'ERR_REGISTRY_PROTOCOL', message: 'x' })
    expect(connectionFailure(own, 'ghcr.io')).toBe(own)
  })

  test('to one of many addresses says what the first one said', () => {
    const inner = Object.assign(new Error('x'), { code: 'ECONNREFUSED' })
    expect(connectionFailure(new AggregateError([inner]), 'ghcr.io').errno).toBe('ECONNREFUSED')
  })
})
