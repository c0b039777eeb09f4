// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest'
import { EngineError } from '../../../src/index.js'
import { checkContainerOptions } from '../../../src/runtime/check-container-options.js'
import type { PropertyRow } from './translate/property-row.js'
import { propertyRows } from './translate/property-rows.js'
import { schemaProperties } from './translate/schema-properties.js'
import { translateDocument } from './translate/translate-document.js'

const properties = schemaProperties()
const isBelow = (property: string, other: string): boolean => property.startsWith(`${other}.`)

/** A row of its own, or one of what it is a part of, which says all about its parts. */
function rowOf(property: string): PropertyRow | undefined {
  const own = propertyRows[property]
  if (own !== undefined) return own
  return Object.entries(propertyRows).find(
    ([above, { reported, kept }]) => isBelow(property, above) && (reported ?? kept) !== undefined,
  )?.[1]
}

test('every property of the specification has its row, and every row its property', () => {
  expect(properties.filter((property) => rowOf(property) === undefined)).toEqual([])
  expect(Object.keys(propertyRows).filter((property) => !properties.includes(property))).toEqual([])
})

describe('what it comes to', () => {
  for (const [property, row] of Object.entries(propertyRows)) {
    test(property, async () => {
      if (row.isParent) expect(properties.some((other) => isBelow(other, property))).toBe(true)
      else if (row.refused !== undefined) await isRefused(row)
      else await hasEffect(row)
    })
  }
})

async function isRefused({ document = {}, refused }: PropertyRow): Promise<void> {
  const error: unknown = await translateDocument(document).catch((reason: unknown) => reason)
  if (!EngineError.is(error)) throw error
  expect(['ERR_UNSUPPORTED', 'ERR_COMPOSE_INVALID']).toContain(error.code)
  expect(error.option).toBe(refused)
}

async function hasEffect({ document = {}, ...expected }: PropertyRow): Promise<void> {
  const found = await translateDocument(document)
  checkContainerOptions(found.options)
  if (typeof expected.container === 'function') expected.container(found.options)
  else if (expected.container) expect(found.options).toMatchObject(expected.container)
  for (const part of ['build', 'network', 'volume'] as const)
    if (expected[part]) expect(found[part]).toMatchObject(expected[part])
  if (expected.kept) expect(valueAt(found.model, expected.kept.path)).toEqual(expected.kept.value)
  if (expected.reported) expect(found.reports.map(({ path }) => path)).toContain(expected.reported)
}

const valueAt = (model: object, path: string): unknown =>
  path.split('.').reduce<unknown>((at, key) => (at === undefined ? undefined : Reflect.get(at as object, key)), model)
