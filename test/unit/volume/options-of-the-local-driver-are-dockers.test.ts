// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest'
import { EngineError } from '../../../src/errors/engine-error.js'
import { parseLocalOptions } from '../../../src/volume/local-options.js'
import { parseVolumeRecord } from '../../../src/volume/volume-record.js'

describe('options of the local driver', () => {
  test('are none for a directory of the store', () => {
    expect(parseLocalOptions({})).toEqual({ kind: 'directory' })
  })

  test('bind a directory of the host', () => {
    const bind = { kind: 'bind', device: '/srv', recursive: false, readonly: false }
    expect(parseLocalOptions({ type: 'none', device: '/srv', o: 'bind' })).toEqual(bind)
    expect(parseLocalOptions({ device: '/srv', o: 'rbind,ro' })).toEqual({ ...bind, recursive: true, readonly: true })
  })

  test('make a file system in memory, with what is mount(8)’s taken out', () => {
    expect(parseLocalOptions({ type: 'tmpfs', device: 'tmpfs', o: 'size=100m,uid=1000,ro,nosuid' })).toEqual({
      kind: 'file system',
      fileSystem: { type: 'tmpfs', options: ['size=100m', 'uid=1000'] },
      readonly: true,
    })
  })

  test('lead to a server', () => {
    expect(parseLocalOptions({ type: 'nfs', device: ':/a', o: 'addr=192.0.2.1,rw,nfsvers=4' })).toEqual({
      kind: 'file system',
      fileSystem: { type: 'nfs', options: ['source=:/a', 'addr=192.0.2.1', 'nfsvers=4'] },
      readonly: false,
    })
  })

  test.each([
    [{ o: 'size=1m' }, 'ERR_INVALID_ARGUMENT', 'options.type'],
    [{ type: 'xfs', device: '/dev/sda' }, 'ERR_UNSUPPORTED', 'options.type'],
    [{ type: 'tmpfs', o: 'bind' }, 'ERR_INVALID_ARGUMENT', 'options.type'],
    [{ o: 'bind' }, 'ERR_INVALID_ARGUMENT', 'options.device'],
    [{ o: 'bind,noexec', device: '/a' }, 'ERR_INVALID_ARGUMENT', 'options.o'],
    [{ type: 'tmpfs', o: 'noexec' }, 'ERR_INVALID_ARGUMENT', 'options.o'],
    [{ type: 'tmpfs', o: 'source=/x' }, 'ERR_INVALID_ARGUMENT', 'options.o'],
    [{ types: 'tmpfs' }, 'ERR_INVALID_ARGUMENT', 'options.types'],
  ])('%j is %s of %s', (options, code, option) => {
    try {
      parseLocalOptions(options as Record<string, string>)
    } catch (error) {
      expect(error).toMatchObject({ code, option })
      return
    }
    expect.unreachable()
  })
})

test('a record is taken as a whole or not at all', () => {
  const record = {
    version: 1,
    name: 'v',
    driver: 'local',
    labels: { a: 'b' },
    options: {},
    createdAt: '2024-05-06T07:08:09.000Z',
    anonymous: false,
  }
  const parse = (value: unknown) =>
    parseVolumeRecord(Buffer.from(JSON.stringify(value)), { name: 'v', path: '/v.json' })
  expect(parse({ ...record, later: 'members are left alone' })).toMatchObject(record)
  const changes = [
    { version: 2 },
    { name: 'w' },
    { labels: { a: 1 } },
    { options: [] },
    { createdAt: 'yesterday' },
    { anonymous: 'no' },
    { container: 1 },
    { pending: 'x' },
    { sizeBytes: 1.5 },
    { driver: null },
  ]
  for (const change of changes) {
    let code: unknown = 'none'
    try {
      parse({ ...record, ...change })
    } catch (error) {
      code = EngineError.is(error) && error.code
    }
    expect([change, code]).toEqual([change, 'ERR_STORE_CORRUPT'])
  }
})
