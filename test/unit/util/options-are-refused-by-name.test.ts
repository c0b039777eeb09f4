// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { EngineError } from '../../../src/errors/engine-error.js'
import { check, checkOptions, type Shape } from '../../../src/util/validate.js'

interface Mount {
  readonly source: string
  readonly target: string
  readonly readonly?: boolean | undefined
}
interface Options {
  readonly memory?: number | string | undefined
  readonly command?: string | readonly string[] | undefined
  readonly mounts?: readonly Mount[] | undefined
  readonly env?: Readonly<Record<string, string>> | undefined
  readonly network?: 'none' | 'host' | undefined
  readonly signal?: AbortSignal | undefined
  readonly retries?: number | undefined
}
const mount: Shape<Mount> = {
  source: check.required(check.nonEmptyString),
  target: check.required(check.string),
  readonly: check.boolean,
}
const shape: Shape<Options> = {
  memory: check.byteSize,
  command: check.anyOf('a string or an array of strings', check.string, check.arrayOf(check.string)),
  mounts: check.arrayOf(check.object(mount)),
  env: check.recordOf(check.string),
  network: check.oneOf('none', 'host'),
  signal: check.signal,
  retries: check.integer({ min: 0, max: 5 }),
}

function refusal(value: unknown): EngineError {
  try {
    checkOptions(value, shape)
  } catch (error) {
    if (EngineError.is(error, 'ERR_INVALID_ARGUMENT')) return error
    throw error
  }
  throw new Error('was accepted')
}

describe('checkOptions', () => {
  it.each([
    [undefined],
    [{}],
    [{ memory: '64m', command: ['a'], mounts: [{ source: '/a', target: '/b' }], env: { A: '1' }, network: 'none' }],
    [{ memory: undefined, signal: new AbortController().signal }],
  ])('accepts %o', (value) => expect(() => checkOptions(value, shape)).not.toThrow())

  it.each([
    [null, 'options'],
    ['x', 'options'],
    [[], 'options'],
    [{ memory: '64MB' }, 'memory'],
    [{ memory: null }, 'memory'],
    [{ command: 5 }, 'command'],
    [{ command: ['a', 5] }, 'command'],
    [{ command: 'a\0b' }, 'command'],
    [{ mounts: {} }, 'mounts'],
    [{ mounts: [{ source: '/a' }] }, 'mounts[0].target'],
    [{ mounts: [{ source: '', target: '/' }] }, 'mounts[0].source'],
    [{ mounts: [{ source: '/a', target: '/b', dest: '/c' }] }, 'mounts[0].dest'],
    [{ mounts: [undefined] }, 'mounts[0]'],
    [{ env: { A: 1 } }, 'env.A'],
    [{ env: { '': '1' } }, 'env'],
    [{ network: 'bridge' }, 'network'],
    [{ retries: 6 }, 'retries'],
    [{ retries: 1.5 }, 'retries'],
    [{ signal: {} }, 'signal'],
    [{ toString: 1 }, 'toString'],
    [JSON.parse('{"__proto__": {"memory": 1}}'), '__proto__'],
  ])('refuses %o because of %s', (value, option) => expect(refusal(value).option).toBe(option))

  it('suggests the option that was meant', () => {
    expect(refusal({ comand: [] }).hint).toContain("'command'")
    expect(refusal({ mem: 1 }).hint).toContain("'memory'")
    expect(refusal({ cmd: 1 }).hint).toContain("'command'")
    expect(refusal({ volumes: 1 }).hint).toContain("'mounts'")
    expect(refusal({ rm: 1 }).hint).toContain('known are: memory, command')
    expect(refusal({ xyz: 1 }).hint).toContain('known are: memory, command')
  })
})
