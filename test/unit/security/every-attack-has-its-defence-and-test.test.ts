// SPDX-License-Identifier: Apache-2.0
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

import { defences } from '../../defences/defences.js'

const top = fileURLToPath(new URL('../../../', import.meta.url))
const document = readFileSync(join(top, 'docs/security.md'), 'utf8')

interface Row {
  readonly attack: string
  readonly defences: readonly string[]
  readonly tests: readonly (readonly [file: string, name: string])[]
}

const rows: readonly Row[] = document
  .slice(document.indexOf('## Attack, defence, test'))
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| attack |'))
  .map((line) => {
    const [, attack = '', defences = '', tests = ''] = line.split(/ ?(?<!\\)\| ?/)
    return {
      attack,
      defences: [...defences.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path),
      tests: [...tests.matchAll(/`([^`]+)`: \*([^*]+)\*/g)].map(([, file = '', name = '']) => [file, name] as const),
    }
  })

const pathOf = (file: string): string =>
  file.includes('/') ? join(top, 'test', `${file}.test.ts`) : join(top, 'addon/test', `${file}.cc`)

// As a title stands in a source: in quotes of some kind, at the beginning of a call or as a key of a table of cases.
const hasTitle = (source: string, title: string): boolean =>
  ["'", '"', '`'].some((quote) =>
    source.includes(`${quote}${title.replaceAll("'", quote === "'" ? "\\'" : "'")}${quote}`),
  )

describe.each(rows)('$attack', ({ defences, tests }) => {
  test('has a defence that is there, and tests of those names', () => {
    expect(defences.length).toBeGreaterThan(0)
    expect(defences.filter((path) => !existsSync(join(top, path)))).toEqual([])
    expect(tests.length).toBeGreaterThan(0)
    const missing = tests.filter(([file, name]) => {
      const path = pathOf(file)
      return !existsSync(path) || !hasTitle(readFileSync(path, 'utf8'), name)
    })
    expect(missing).toEqual([])
  })
})

test('every file of test/adversarial stands in the table', () => {
  const files = readdirSync(join(top, 'test/adversarial'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `adversarial/${name.slice(0, -'.test.ts'.length)}`)
  const named = new Set(rows.flatMap(({ tests }) => tests.map(([file]) => file)))
  expect(files.filter((file) => !named.has(file))).toEqual([])
})

describe('npm run test:defences', () => {
  const key = ([file, name]: readonly [string, string]) => `${file}: ${name}`

  test('has turned those tests red that are marked in the table, and no others', () => {
    const marked = [...document.matchAll(/`([^`]+)`: \*([^*]+)\* ●/g)].map(([, file = '', name = '']) =>
      key([file, name]),
    )
    const turned = defences.flatMap(({ red }) => red.map((test) => key([test[0] ?? '', test[1] ?? ''])))
    expect([...new Set(marked)].sort()).toEqual([...new Set(turned)].sort())
  })

  test.each(defences)('finds what it takes away: $without', ({ edits }) => {
    const times = edits.map(([file = '', from = '']) => readFileSync(join(top, file), 'utf8').split(from).length - 1)
    expect(times).toEqual(edits.map(() => 1))
  })
})
