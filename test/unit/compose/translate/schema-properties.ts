// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs'

interface Schema {
  readonly $ref?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: boolean | Schema
  readonly items?: Schema
  readonly oneOf?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly $defs?: Readonly<Record<string, Schema>>
}

const file = new URL('../../../../src/compose/schema/compose-spec.json', import.meta.url)
const root = JSON.parse(readFileSync(file, 'utf8')) as Schema

/** Every property that the specification's schema names, as `services.*.ports.target`: names of one's own are `*`, places in lists are left out. */
export function schemaProperties(): readonly string[] {
  const found = new Set<string>()
  const walk = (schema: Schema, path: readonly string[]): void => {
    if (schema.$ref !== undefined) walk(definition(schema.$ref), path)
    for (const part of [...(schema.oneOf ?? []), ...(schema.anyOf ?? []), ...(schema.allOf ?? [])]) walk(part, path)
    if (schema.items) walk(schema.items, path)
    for (const [key, inner] of Object.entries(schema.properties ?? {})) {
      found.add([...path, key].join('.'))
      walk(inner, [...path, key])
    }
    const others = Object.entries(schema.patternProperties ?? {}).filter(([pattern]) => pattern !== '^x-')
    for (const [, inner] of others) walk(inner, [...path, '*'])
    if (typeof schema.additionalProperties === 'object') walk(schema.additionalProperties, [...path, '*'])
  }
  walk(root, [])
  return [...found].sort()
}

function definition(reference: string): Schema {
  const found = root.$defs?.[reference.replace('#/$defs/', '')]
  if (found === undefined) throw new Error(`the schema has no ${reference}`)
  return found
}
