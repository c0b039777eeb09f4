// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import type { CreateArguments } from '../../../src/native/create-message.js'
import { encodeRequest } from '../../../src/native/encode-request.js'

const own = {
  container: 'a'.repeat(64),
  name: 'one',
  seccomp: null,
  layers: [],
  hostUsr: false,
  userns: 'private' as const,
  init: true,
  idle: false,
  detached: false,
  autoRemove: false,
  stopSignal: 15,
  stopTimeoutMs: 1,
  log: { driver: 'file' as const, maxBytes: 1, maxFiles: 1 },
}
const process = { args: ['a\nb'], cwd: '/' }

const create = (spec: object, record: unknown = { labels: { a: '1' } }): CreateArguments => ({ ...own, spec, record })
const linesOf = (args: CreateArguments) => encodeRequest('create', args, 7).split('\n')

describe('encodeRequest', () => {
  it('writes a request on one line', () => {
    const text = encodeRequest('kill', { container: 'a', signal: 9 }, 3)
    expect(JSON.parse(text)).toEqual({ id: 3, op: 'kill', container: 'a', signal: 9 })
    expect(text).not.toContain('\n')
  })

  it('writes of a create what is its own on one line, and the rest on another', () => {
    const args = create({ process, hostname: 'box', root: undefined, annotations: {} })
    const lines = linesOf(args)
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { ...own, hostname: 'box', id: 7, op: 'create' },
      { spec: { process, annotations: {} }, record: args.record },
    ])
  })

  it('writes the same second line for others of the kind, whether of the same objects or equal ones', () => {
    const record = { labels: {} }
    const texts = [1, 2, 3, 4].map((n) => linesOf(create({ process, hostname: `box-${n}` }, record))[1])
    const equal = linesOf(create({ process: structuredClone(process), hostname: 'box' }, structuredClone(record)))[1]
    expect(new Set([...texts, equal]).size).toBe(1)
  })

  it('takes a record that is no object', () => {
    expect(JSON.parse(linesOf(create({}, null))[1] ?? '')).toEqual({ spec: {}, record: null })
    expect(JSON.parse(linesOf(create({}, 'text'))[1] ?? '')).toEqual({ spec: {}, record: 'text' })
  })

  it('writes a detached create as its record on disk is to be', () => {
    const args = { ...create({ process, hostname: 'box' }), detached: true }
    const text = encodeRequest('create', args, 7)
    expect(text).not.toContain('\n')
    expect(JSON.parse(text)).toEqual({ ...args, id: 7, op: 'create' })
  })
})
