// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import { type DeviceRuleTarget, deviceRules } from '../../../src/runtime/device-rules.js'
import { goodHost } from './plan-input.js'

const rules = (access: string, target: Partial<DeviceRuleTarget> = {}) =>
  deviceRules(
    { devices: [{ path: '/dev/x', type: 'c', major: 10, minor: 200, access }] },
    { options: {}, host: goodHost, userns: 'private', ...target },
  )
const withoutRules = { ...goodHost, controllers: ['memory'] }

test('in a user namespace only a device that is held to less than reading and writing needs them', () => {
  expect(rules('rwm')).toBeUndefined()
  expect(rules('rw')).toBeUndefined()
  expect(rules('r')?.at(-1)).toEqual({ allow: true, type: 'c', major: 10, minor: 200, access: 'r' })
  expect(rules('rwm', { userns: 'host' })?.[0]).toEqual({ allow: false, access: 'rwm' })
})

test('what cannot be held is refused, and not handed out in full', () => {
  expect(rules('rw', { host: withoutRules })).toBeUndefined()
  expect(() => rules('w', { host: withoutRules })).toThrow(
    expect.objectContaining({ code: 'ERR_LIMIT_UNSUPPORTED', option: 'devices[0].permissions' }),
  )
})

test('who is privileged has none', () => {
  expect(rules('r', { options: { privileged: true } })).toBeUndefined()
})
