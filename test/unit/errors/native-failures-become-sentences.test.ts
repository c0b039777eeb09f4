// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { nativeError } from '../../../src/errors/native-failure.js'
import { nativeFailureRules } from '../../../src/errors/native-failure-rules.js'

describe('a native failure', () => {
  it('becomes a sentence with code, step, errno and object', () => {
    const error = nativeError({ step: 'execute', errno: 2, object: '/bin/nope' }, { doing: "start container 'web'" })
    expect(error).toMatchObject({ code: 'ERR_START_FAILED', step: 'execute', errno: 'ENOENT', object: '/bin/nope' })
    expect(error.message).toBe(
      "could not start container 'web': no such executable in the container (execute '/bin/nope': ENOENT)",
    )
    expect(error.hint).toContain('PATH')
  })

  it.each([
    ['clone', 'ENOSPC', 'ERR_RESOURCE_EXHAUSTED', 'max_user_namespaces'],
    ['find executable', 'ENOENT', 'ERR_START_FAILED', 'PATH'],
    ['execute', 'EACCES', 'ERR_START_FAILED', 'execute permission'],
    ['enter working directory', 'ENOTDIR', 'ERR_START_FAILED', undefined],
    ['mount overlay', 'EINVAL', 'ERR_UNSUPPORTED', 'TSCONTAINER_ROOT'],
    ['idmap mount', 'EINVAL', 'ERR_UNSUPPORTED', "userns: 'host'"],
    ['open bind source', 'ENOENT', 'ERR_INVALID_ARGUMENT', 'createSource'],
    ['cgroup limit', 'ENOTSUP', 'ERR_LIMIT_UNSUPPORTED', 'probe'],
    ['cgroup limit', 'EOPNOTSUPP', 'ERR_LIMIT_UNSUPPORTED', 'probe'],
    ['set rlimit', 'EPERM', 'ERR_LIMIT_UNSUPPORTED', 'hard limit'],
    ['unmapped user', 'EINVAL', 'ERR_USER_UNMAPPED', 'add-subuids'],
    ['find user', 'ENOENT', 'ERR_USER_NOT_FOUND', 'a number'],
    ['claim name', 'EEXIST', 'ERR_NAME_IN_USE', 'another name'],
    ['find container', 'ENOENT', 'ERR_CONTAINER_NOT_FOUND', undefined],
    ['pause', 'EBUSY', 'ERR_CONTAINER_STATE', undefined],
    ['verify diffid', 'EBADMSG', 'ERR_DIGEST_MISMATCH', undefined],
    ['read tar', 'EBADMSG', 'ERR_LAYER_INVALID', undefined],
    ['unpack layer', 'ENOSPC', 'ERR_RESOURCE_EXHAUSTED', 'free space'],
    ['anything', 'ENOSPC', 'ERR_RESOURCE_EXHAUSTED', 'free space'],
    ['send to supervisor', 'EPIPE', 'ERR_SUPERVISOR_LOST', undefined],
  ])('%s with %s is %s', (step, errno, code, hint) => {
    const error = nativeError({ step, errno })
    expect(error.code).toBe(code)
    if (hint === undefined) expect(error.hint).toBeUndefined()
    else expect(error.hint).toContain(hint)
  })

  it('falls back to ERR_NATIVE or what the caller says', () => {
    const failure = { step: 'count sheep', errno: 'EINVAL', object: '/x' }
    expect(nativeError(failure)).toMatchObject({
      code: 'ERR_NATIVE',
      message: "count sheep '/x': invalid argument (EINVAL)",
    })
    expect(nativeError(failure, { fallback: 'ERR_START_FAILED' }).code).toBe('ERR_START_FAILED')
    expect(nativeError({ step: 'execute', errno: 'ENOENT' }, { code: 'ERR_EXEC_SPAWN' }).code).toBe('ERR_EXEC_SPAWN')
  })

  it('names errors that it does not know by number', () => {
    expect(nativeError({ step: 'x', errno: 9999 }).errno).toBe('errno 9999')
    expect(nativeError({ step: 'x', errno: 117 }).message).toContain('structure needs cleaning')
  })

  it('of an exec that cannot start has a code of its own', () => {
    const context = { startCode: 'ERR_EXEC_SPAWN' } as const
    expect(nativeError({ step: 'find executable', errno: 'ENOENT' }, context).code).toBe('ERR_EXEC_SPAWN')
    expect(nativeError({ step: 'find container', errno: 'ENOENT' }, context).code).toBe('ERR_CONTAINER_NOT_FOUND')
  })

  it('is known by steps that there really are', () => {
    const addon = new URL('../../../addon/', import.meta.url)
    const sources = readdirSync(addon, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(cc|h)$/.test(name))
    const text = sources.map((name) => readFileSync(new URL(name, addon), 'utf8')).join()
    // What Node does itself on the host is told in the same way.
    const host = readFileSync(new URL('../../../src/container/host-side.ts', import.meta.url), 'utf8')
    const steps = new Set(nativeFailureRules.flatMap((rule) => rule.steps ?? []))
    expect([...steps].filter((step) => !text.includes(`"${step}"`) && !host.includes(`step: '${step}'`))).toEqual([])
  })
})
