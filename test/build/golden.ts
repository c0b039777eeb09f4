// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BuildCase } from './build-case.js'
import type { CaseResult } from './build-result.js'

const directory = fileURLToPath(new URL('../fixtures/build/goldens', import.meta.url))

/** What Docker made of a case, as recorded. */
export interface Golden {
  /** Digest of the case that it was recorded from: one that was changed since needs to be recorded again. */
  readonly input: string
  readonly result: CaseResult
}

/** Where the golden of a case is. */
export const goldenPath = ({ name }: BuildCase): string => join(directory, `${name}.json`)

/** The digest of everything in a case but its name. */
export const inputOf = ({ name: _, ...input }: BuildCase): string =>
  createHash('sha256').update(JSON.stringify(input)).digest('hex')

/** The golden of a case, if there is one. */
export const readGolden = (item: BuildCase): Golden | undefined =>
  existsSync(goldenPath(item)) ? (JSON.parse(readFileSync(goldenPath(item), 'utf8')) as Golden) : undefined

/** Writes it, so that a difference reads well: every entry of a tree, of a history and of a layer is on a line of its own. */
export const writeGolden = (item: BuildCase, result: CaseResult): void => {
  mkdirSync(dirname(goldenPath(item)), { recursive: true })
  writeFileSync(goldenPath(item), `${spread({ input: inputOf(item), result }, '')}\n`)
}

const widest = 110

const spread = (value: unknown, indent: string): string => {
  const flat = JSON.stringify(value)
  if (flat.length + indent.length <= widest || typeof value !== 'object' || value === null) return flat
  const inner = `${indent}  `
  const items = Array.isArray(value)
    ? value.map((item) => spread(item, inner))
    : Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${spread(item, inner)}`)
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  return `${open}\n${inner}${items.join(`,\n${inner}`)}\n${indent}${close}`
}
