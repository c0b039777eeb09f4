// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseYaml } from '../../../../src/compose/document/parse-yaml.js'
import type { TreeMap } from '../../../../src/compose/document/tree.js'
import { Warnings } from '../../../../src/compose/document/warning.js'

/** A file or folder of test/fixtures/compose. */
export const fixture = (path: string): string =>
  fileURLToPath(new URL(`../../../fixtures/compose/${path}`, import.meta.url))

export const readFixture = (path: string): string => readFileSync(fixture(path), 'utf8')

export const readCases = <T>(path: string): T => JSON.parse(readFixture(path)) as T

export const namesIn = (folder: string): readonly string[] => readdirSync(fixture(folder)).sort()

/** The tree of one YAML document. */
export const treeOf = (text: string, file = 'compose.yaml'): TreeMap =>
  (parseYaml({ text, file, warnings: new Warnings() })[0]?.tree ?? null) as TreeMap

/** Without the missing prototypes, which assertions would tell apart. */
export const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
