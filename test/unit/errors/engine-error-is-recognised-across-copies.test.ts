// SPDX-License-Identifier: Apache-2.0
import { inspect } from 'node:util'
import { describe, expect, expectTypeOf, it, vi } from 'vitest'
import { EngineError } from '../../../src/errors/engine-error.js'
import { errorCodes } from '../../../src/errors/error-code.js'
import type { ExecResult } from '../../../src/errors/exec-result.js'

const result: ExecResult = {
  argv: ['false'],
  exitCode: 1,
  signal: null,
  stdout: '',
  stderr: '',
  timedOut: false,
  oomKilled: false,
  durationMs: 1,
  usage: { cpuMs: 0, memoryPeakBytes: null },
}

describe('EngineError', () => {
  it('is recognised when it comes from another copy of the module', async () => {
    vi.resetModules()
    const other = await import('../../../src/errors/engine-error.js')
    const error = new other.EngineError({ code: 'ERR_TIMEOUT', message: 'late' })
    expect(error).not.toBeInstanceOf(EngineError)
    expect(EngineError.is(error)).toBe(true)
    expect(EngineError.is(error, 'ERR_TIMEOUT')).toBe(true)
    expect(EngineError.is(error, 'ERR_NATIVE')).toBe(false)
  })

  it('is not mistaken for look-alikes', () => {
    for (const value of [
      null,
      undefined,
      'ERR_TIMEOUT',
      new Error('x'),
      Object.assign(new Error('x'), { code: 'ERR_TIMEOUT' }),
    ]) {
      expect(EngineError.is(value)).toBe(false)
    }
  })

  it('narrows to what its code carries', () => {
    const error: unknown = new EngineError({ code: 'ERR_EXEC_FAILED', message: 'exit 1', result })
    if (!EngineError.is(error, 'ERR_EXEC_FAILED')) throw new Error('not recognised')
    expectTypeOf(error.result).toEqualTypeOf<ExecResult<string | Uint8Array>>()
    expect(error.result.exitCode).toBe(1)
  })

  it('keeps cause, hint and option, and has no key for what was not given', () => {
    const cause = new Error('below')
    const error = new EngineError({
      code: 'ERR_INVALID_ARGUMENT',
      message: 'm',
      option: 'memory',
      hint: undefined,
      cause,
    })
    expect(error.cause).toBe(cause)
    expect(error.option).toBe('memory')
    expect('hint' in error).toBe(false)
    expect('cause' in new EngineError({ code: 'ERR_NATIVE', message: 'm' })).toBe(false)
    expect(inspect(error)).toContain('ERR_INVALID_ARGUMENT')
    expect(String(error)).toBe('EngineError: m')
  })

  it('escapes control characters of strangers', () => {
    const error = new EngineError({ code: 'ERR_NATIVE', message: 'a\u001b[2Jb\u202ec', object: 'x\u0007' })
    expect(error.message).toBe('a\\u001b[2Jb\\u202ec')
    expect(error.object).toBe('x\\u0007')
  })

  it('documents every code with a sentence', () => {
    for (const [code, sentence] of Object.entries(errorCodes)) {
      expect(code).toMatch(/^ERR_[A-Z_]+$/)
      expect(sentence.length).toBeGreaterThan(8)
    }
  })
})
