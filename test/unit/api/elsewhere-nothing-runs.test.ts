// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Container, Engine, EngineError, Image } from '../../../src/index.js'

const real = process.platform

describe.each(['darwin', 'win32'] as const)('on %s', (platform) => {
  beforeEach(() => Object.defineProperty(process, 'platform', { value: platform }))
  afterEach(() => Object.defineProperty(process, 'platform', { value: real }))

  test('everything can be imported, and a probe says what is needed', async () => {
    const report = await Engine.probe()
    expect(report).toMatchObject({ usable: false, idMap: 'none', cgroup: { controllers: [] } })
    expect(report.lacks).toHaveLength(1)
    expect(report.lacks[0]).toMatchObject({ feature: 'linux', fatal: true, fix: expect.stringContaining('Linux') })
    expect(String(report)).toContain(platform)
  })

  test.each<[name: string, use: () => Promise<unknown>]>([
    ['Engine.open', () => Engine.open()],
    ['Container.run', () => Container.run('debian')],
    ['Image.get', () => Image.get('debian')],
    ['Image.host', () => Image.host()],
  ])('%s is ERR_HOST_UNSUPPORTED, with the report', async (_name, use) => {
    const error = await Promise.resolve()
      .then(use)
      .then(
        () => 'no failure',
        (failure: unknown) => failure,
      )
    if (!EngineError.is(error, 'ERR_HOST_UNSUPPORTED')) throw error
    expect(error.message).toContain(platform)
    expect(error.report).toMatchObject({ usable: false })
  })
})
