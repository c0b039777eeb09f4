// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest'
import { mergeConfig } from '../../../src/image/merge-config.js'

const base = {
  cmd: ['old'],
  entrypoint: ['/entry'],
  env: ['PATH=/bin', 'A=1'],
  labels: { a: '1', b: '2' },
  exposedPorts: ['80/tcp'],
  volumes: ['/data'],
  user: 'app',
}

describe('changes to a config', () => {
  test('that are none change nothing', () => {
    expect(mergeConfig(base, {})).toEqual(base)
  })

  test('are added where things have names, and replace the rest', () => {
    const changed = mergeConfig(base, {
      env: ['A=2', 'B=3'],
      labels: { b: '3' },
      exposedPorts: ['80', '53/udp'],
      volumes: ['/more', '/data'],
      user: 'root',
      workingDir: '/w',
    })
    expect(changed).toEqual({
      ...base,
      env: ['PATH=/bin', 'A=2', 'B=3'],
      labels: { a: '1', b: '3' },
      exposedPorts: ['80/tcp', '53/udp'],
      volumes: ['/data', '/more'],
      user: 'root',
      workingDir: '/w',
    })
  })

  test('of the entrypoint alone leave no command, which was for the old one', () => {
    expect(mergeConfig(base, { entrypoint: ['/new'] }).cmd).toBeUndefined()
    expect(mergeConfig(base, { entrypoint: ['/new'], cmd: ['x'] }).cmd).toEqual(['x'])
    expect(mergeConfig(base, { cmd: ['x'] }).entrypoint).toEqual(['/entry'])
  })
})
