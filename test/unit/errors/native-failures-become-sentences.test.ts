// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { nativeError } from '../../../src/errors/native-failure.js'

describe('a native failure', () => {
  it('becomes a sentence with code, step, errno and object', () => {
    const error = nativeError({ step: 'exec', errno: 2, object: '/bin/nope' }, { doing: "start container 'web'" })
    expect(error).toMatchObject({ code: 'ERR_START_FAILED', step: 'exec', errno: 'ENOENT', object: '/bin/nope' })
    expect(error.message).toBe(
      "could not start container 'web': no such executable in the container (exec '/bin/nope': ENOENT)",
    )
    expect(error.hint).toContain('PATH')
  })

  it.each([
    ['clone3', 'ENOSPC', 'ERR_RESOURCE_EXHAUSTED', 'max_user_namespaces'],
    ['mount overlay', 'EINVAL', 'ERR_UNSUPPORTED', 'TSCONTAINER_ROOT'],
    ['write memory.max', 'EACCES', 'ERR_LIMIT_UNSUPPORTED', 'probe'],
    ['setresuid', 'EINVAL', 'ERR_USER_UNMAPPED', 'add-subuids'],
    ['anything', 'ENOSPC', 'ERR_RESOURCE_EXHAUSTED', 'free space'],
    ['send', 'EPIPE', 'ERR_SUPERVISOR_LOST', undefined],
  ])('%s with %s is %s', (step, errno, code, hint) => {
    const error = nativeError({ step, errno })
    expect(error.code).toBe(code)
    if (hint === undefined) expect(error.hint).toBeUndefined()
    else expect(error.hint).toContain(hint)
  })

  it('falls back to ERR_NATIVE or what the caller says', () => {
    const failure = { step: 'read link', errno: 'EINVAL', object: '/x' }
    expect(nativeError(failure)).toMatchObject({
      code: 'ERR_NATIVE',
      message: "read link '/x': invalid argument (EINVAL)",
    })
    expect(nativeError(failure, { fallback: 'ERR_START_FAILED' }).code).toBe('ERR_START_FAILED')
    expect(nativeError({ step: 'exec', errno: 'ENOENT' }, { code: 'ERR_EXEC_SPAWN' }).code).toBe('ERR_EXEC_SPAWN')
  })

  it('names errors that it does not know by number', () => {
    expect(nativeError({ step: 'x', errno: 9999 }).errno).toBe('errno 9999')
    expect(nativeError({ step: 'x', errno: 117 }).message).toContain('structure needs cleaning')
  })
})
