// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import { EngineError } from '../../../src/errors/engine-error.js'
import { nativeError } from '../../../src/errors/native-failure.js'
import { layerError } from '../../../src/layer/layer-error.js'

test.each([
  ['read tar', 'EBADMSG', 'bad checksum', 'ERR_LAYER_INVALID'],
  ['decompress', 'EBADMSG', 'gzip: truncated', 'ERR_LAYER_INVALID'],
  ['unpack layer', 'EINVAL', '../x', 'ERR_LAYER_INVALID'],
  ['unpack layer', 'ENOENT', 'hard/link', 'ERR_LAYER_INVALID'],
  ['unpack layer', 'ENOTDIR', 'a/b', 'ERR_LAYER_INVALID'],
  ['unpack layer', 'EINVAL', 'unmapped owner 99999:0 of etc/x', 'ERR_USER_UNMAPPED'],
  ['unpack layer', 'ENOSPC', 'usr/big', 'ERR_RESOURCE_EXHAUSTED'],
  ['verify digest', 'EBADMSG', 'sha256:0', 'ERR_DIGEST_MISMATCH'],
  ['verify size', 'EBADMSG', '7 bytes', 'ERR_DIGEST_MISMATCH'],
  ['verify diffid', 'EBADMSG', 'sha256:0', 'ERR_DIGEST_MISMATCH'],
])('%s %s of %s is %s', (step, errno, object, code) => {
  const error = layerError(nativeError({ step, errno, object }, { doing: 'unpack layer' }))
  expect(error).toMatchObject({ code, step, errno, object, message: expect.stringContaining(object) })
})

test('what is no failure of a worker stays as it is', () => {
  const reason = new Error('aborted')
  expect(layerError(reason)).toBe(reason)
  const lost = new EngineError({ code: 'ERR_SUPERVISOR_LOST', message: 'gone' })
  expect(layerError(lost)).toBe(lost)
})
