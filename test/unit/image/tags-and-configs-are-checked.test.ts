// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest'
import { checkConfig, fullTag } from '../../../src/image/image-options.js'

describe('a tag', () => {
  test.each([
    ['base', 'docker.io/library/base:latest'],
    ['me/base:1', 'docker.io/me/base:1'],
    ['localhost:5000/base', 'localhost:5000/base:latest'],
  ])('%s is %s', (tag, name) => {
    expect(fullTag(tag)).toBe(name)
  })

  test.each([`base@sha256:${'0'.repeat(64)}`, 'Base', 'base:', '', 'a'.repeat(300), '0'.repeat(64), 'base:1 2'])(
    '%s is refused',
    (tag) => {
      expect(() => fullTag(tag)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_REFERENCE' }))
    },
  )

  test('that is no text is refused', () => {
    expect(() => fullTag(1 as never)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', option: 'tag' }))
  })
})

describe('a config', () => {
  test('of the right kind passes', () => {
    const config = {
      user: '1000:1000',
      exposedPorts: ['80/tcp', '53/udp', '99'],
      env: ['A=b=c', 'EMPTY='],
      entrypoint: ['/init'],
      cmd: [],
      volumes: ['/data'],
      workingDir: '/srv',
      labels: { 'a.b': 'c' },
      stopSignal: 'SIGTERM',
      healthcheck: { test: ['CMD', 'true'], intervalMs: 1000 },
      shell: ['/bin/sh', '-c'],
      onBuild: [],
    }
    expect(() => checkConfig(config, 'config')).not.toThrow()
  })

  test.each([
    [{ cmd: 'sh -c' }, 'config.cmd'],
    [{ env: ['NOVALUE'] }, 'config.env[0]'],
    [{ env: { A: 'b' } }, 'config.env'],
    [{ workingDir: 'relative' }, 'config.workingDir'],
    [{ exposedPorts: ['http'] }, 'config.exposedPorts[0]'],
    [{ Cmd: ['sh'] }, 'config.Cmd'],
    [{ cmd: ['a\0b'] }, 'config.cmd[0]'],
    [{ healthcheck: { test: 'true' } }, 'config.healthcheck.test'],
  ])('%j is refused by name', (config, option) => {
    expect(() => checkConfig(config, 'config')).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', option }),
    )
  })
})
