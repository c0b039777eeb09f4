// SPDX-License-Identifier: Apache-2.0
import { afterEach, describe, expect, it, vi } from 'vitest'
import { EngineError } from '../../../src/errors/engine-error.js'

const platform = Object.getOwnPropertyDescriptor(process, 'platform')!
afterEach(() => {
  Object.defineProperty(process, 'platform', platform)
  vi.resetModules()
})

describe('the native part', () => {
  it.each(['darwin', 'win32'])('imports on %s, and refuses at its first use', async (other) => {
    Object.defineProperty(process, 'platform', { ...platform, value: other })
    vi.resetModules()
    const { addon, supervisorExecutable } = await import('../../../src/native/addon.js')
    const { openSupervisor } = await import('../../../src/native/supervisor.js')
    for (const use of [addon, supervisorExecutable]) {
      const error = attempt(use)
      expect(EngineError.is(error, 'ERR_HOST_UNSUPPORTED') && error.report).toBeNull()
      expect(error).toMatchObject({ message: expect.stringContaining(other), hint: expect.stringContaining('Linux') })
    }
    await expect(openSupervisor({ root: '/nowhere', runRoot: '/nowhere' })).rejects.toMatchObject({
      code: 'ERR_HOST_UNSUPPORTED',
    })
  })
})

function attempt(use: () => unknown): unknown {
  try {
    return use()
  } catch (error) {
    return error
  }
}
