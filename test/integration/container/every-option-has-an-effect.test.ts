// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest'
import { EngineError } from '../../../src/index.js'
import { containerOptionShape } from '../../../src/runtime/check-container-options.js'
import { useTestEngine } from '../../support/test-engine.js'
import type { OptionRow } from './option-row.js'
import { optionRows } from './option-rows.js'

const host = useTestEngine()

test('every option has its row, and every row its option', () => {
  expect(Object.keys(optionRows).sort()).toEqual(Object.keys(containerOptionShape).sort())
  for (const [option, { refused, effect }] of Object.entries<OptionRow>(optionRows)) {
    expect(Boolean(refused) !== Boolean(effect), option).toBe(true)
  }
})

describe('seen from inside', () => {
  for (const [option, { refused, effect, unless }] of Object.entries<OptionRow>(optionRows)) {
    if (effect) {
      test(`${option} has an effect`, async () => {
        try {
          await effect(host)
        } catch (error) {
          if (unless === undefined || !EngineError.is(error, unless)) throw error
          if (unless === 'ERR_LIMIT_UNSUPPORTED') expect([option, 'memory']).toContain(error.option)
          expect(error.hint, 'how to get it').toBeTruthy()
        }
      })
    } else if (refused) {
      test(`${option} is refused by name`, async () => {
        const error: unknown = await host
          .create({ command: ['true'], ...refused.options })
          .catch((reason: unknown) => reason)
        if (!EngineError.is(error, refused.code)) throw error
        expect(error.option).toBe(option)
      })
    }
  }
})
