// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import {
  type ContainerAction,
  type ContainerState,
  legalStates,
  requireLegal,
} from '../../../src/container/container-state.js'
import { EngineError } from '../../../src/errors/engine-error.js'

const states: readonly ContainerState[] = ['created', 'running', 'paused', 'stopped', 'removed']
const actions = Object.keys(legalStates) as ContainerAction[]

test.each(actions.flatMap((action) => states.map((state) => [action, state] as const)))(
  '%s when %s',
  (action, state) => {
    const act = () => requireLegal(action, { name: 'box', state })
    if (legalStates[action].includes(state)) return expect(act).not.toThrow()
    const code = state === 'removed' ? 'ERR_CONTAINER_NOT_FOUND' : 'ERR_CONTAINER_STATE'
    expect(act).toThrow(expect.objectContaining({ code, message: expect.stringContaining('box') }))
  },
)

test('says what helps', () => {
  try {
    requireLegal('remove', { name: 'box', state: 'running' })
    throw new Error('was legal')
  } catch (error) {
    expect(EngineError.is(error, 'ERR_CONTAINER_STATE') && error.hint).toContain('force')
  }
})
