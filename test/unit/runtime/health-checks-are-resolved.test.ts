// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest'
import type { ImageConfig } from '../../../src/oci/image-config.js'
import { imageDocumentToJson, parseImageDocument } from '../../../src/oci/image-document.js'
import type { ContainerOptions } from '../../../src/runtime/container-options.js'
import { restartMessage, restartPolicy } from '../../../src/runtime/restart-policy.js'
import { plan } from './plan-input.js'

const image: ImageConfig = {
  cmd: ['app'],
  env: ['A=b'],
  user: 'app',
  workingDir: '/srv',
  healthcheck: { test: ['CMD', 'check', 'it'], intervalMs: 7000, retries: 9 },
}
const health = (healthcheck: ContainerOptions['healthcheck'], config: ImageConfig = image) =>
  plan({ healthcheck }, { config }).supervision.health
const argv = (...of: Parameters<typeof health>) => Reflect.get(health(...of)?.process ?? {}, 'args')

describe('a health check', () => {
  test('is the image’s with Docker’s defaults, and runs as the main process does', () => {
    const { intervalMs, timeoutMs, startPeriodMs, startIntervalMs, retries, process } = health(undefined) ?? {}
    expect({ intervalMs, timeoutMs, startPeriodMs, startIntervalMs, retries }).toEqual({
      intervalMs: 7000,
      timeoutMs: 30_000,
      startPeriodMs: 0,
      startIntervalMs: 5000,
      retries: 9,
    })
    const main = plan({}, { config: image }).spec.process
    expect(process).toEqual({ ...main, args: ['check', 'it'] })
  })

  test('has the option laid over it, field by field, where 0 is as if nothing was given', () => {
    expect(health({ retries: 2, startPeriodMs: 1000 })).toMatchObject({
      intervalMs: 7000,
      retries: 2,
      startPeriodMs: 1000,
    })
    expect(argv({ retries: 2 })).toEqual(['check', 'it'])
    expect(health({ intervalMs: 0, retries: 0, timeoutMs: 0 })).toMatchObject({
      intervalMs: 7000,
      retries: 9,
      timeoutMs: 30_000,
    })
    expect(health({ intervalMs: 0.2 })).toMatchObject({ intervalMs: 1 })
  })

  test('is a program, or a script for the shell of the image', () => {
    expect(argv({ test: ['CMD', 'a', 'b c'] })).toEqual(['a', 'b c'])
    expect(argv({ test: 'a | b' })).toEqual(['/bin/sh', '-c', 'a | b'])
    expect(argv({ test: ['CMD-SHELL', 'a | b'] }, { ...image, shell: ['/bin/bash', '-ec'] })).toEqual([
      '/bin/bash',
      '-ec',
      'a | b',
    ])
  })

  test('is none where nobody wants one, or it is of no known kind', () => {
    expect(health(false)).toBeUndefined()
    expect(health({ test: ['NONE'] })).toBeUndefined()
    expect(health(undefined, { cmd: ['app'] })).toBeUndefined()
    for (const of of [['NONE'], [], ['CMD'], ['EXEC', 'x']])
      expect(health(undefined, { cmd: ['app'], healthcheck: { test: of } })).toBeUndefined()
  })

  test('that only has times needs a test from somewhere', () => {
    expect(() => health({ intervalMs: 5 }, { cmd: ['app'] })).toThrow('healthcheck.test')
  })

  test('of a document comes back to the nanosecond', () => {
    const Healthcheck = {
      Test: ['CMD', 'x'],
      Interval: 1_500_000_001,
      Timeout: 999,
      StartPeriod: 3e12,
      StartInterval: 1,
      Retries: 4,
    }
    const document = {
      architecture: 'amd64',
      os: 'linux',
      config: { Healthcheck },
      rootfs: { type: 'layers', diff_ids: [] },
    }
    const again = JSON.parse(imageDocumentToJson(parseImageDocument(JSON.stringify(document))))
    expect(again.config.Healthcheck).toEqual(Healthcheck)
  })
})

test('restart policies are read and written as Docker writes them', () => {
  expect(restartMessage('on-failure:5')).toEqual({ policy: 'on-failure', maxRetries: 5 })
  for (const policy of ['no', 'always', 'unless-stopped', 'on-failure', 'on-failure:5'] as const)
    expect(restartPolicy(restartMessage(policy))).toBe(policy)
  expect(restartPolicy(restartMessage('on-failure:0'))).toBe('on-failure')
})
