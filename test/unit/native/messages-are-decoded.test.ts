// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { decodeMessage } from '../../../src/native/decode-message.js'

describe('decodeMessage', () => {
  it('tells results, failures, progress and events apart', () => {
    const error = { step: 'open', errno: 'ENOENT', object: '/x' }
    expect(decodeMessage('{"id":7,"result":{}}')).toEqual({ kind: 'result', id: 7, result: {} })
    expect(decodeMessage('{"id":7,"result":null}')).toEqual({ kind: 'result', id: 7, result: null })
    expect(decodeMessage('{"id":7,"progress":{"bytes":1}}')).toEqual({
      kind: 'progress',
      id: 7,
      progress: { bytes: 1 },
    })
    expect(decodeMessage(JSON.stringify({ id: 7, error }))).toEqual({ kind: 'error', id: 7, error })
    expect(decodeMessage('{"event":{"type":"oom"}}')).toEqual({ kind: 'event', event: { type: 'oom' } })
  })

  it.each(['', '{', 'null', '[]', '"text"', '{}', '{"id":7}', '{"id":"7","result":1}', '{"result":{}}'])(
    'takes %s for no message',
    (text) => {
      expect(decodeMessage(text)).toEqual({ kind: 'malformed' })
    },
  )
})
