// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import type { BuiltImage, CaseResult } from '../../build/build-result.js'
import { compareResults } from '../../build/compare.js'
import { outdatedDifferences, unknownDifferences } from '../../build/known-differences.js'

const image: BuiltImage = {
  platform: 'linux/amd64',
  config: { Env: ['A=1'], Cmd: ['/bin/sh'], ExposedPorts: { '80/tcp': {}, '443/tcp': {} } },
  history: [{ created_by: 'RUN x', comment: 'buildkit' }],
  tree: { '/f': { type: 'file', mode: '0644', uid: 0, gid: 0, text: 'f\n' } },
  removed: ['/gone'],
  layers: [['/.wh.gone', '/d', '/d/f', '/f']],
}
const of = (changed: Partial<BuiltImage> = {}): CaseResult => ({
  builds: [{ image: { ...image, ...changed }, warnings: [] }],
})
const places = (ours: CaseResult, golden: CaseResult = of()) => compareResults(golden, ours).map(({ where }) => where)

test('equal results have no differences', () => {
  expect(compareResults(of(), of())).toEqual([])
})

test('a difference names its place and both values', () => {
  const ours = of({ tree: { '/f': { type: 'file', mode: '0600', uid: 0, gid: 5, text: 'f\n' } } })
  expect(compareResults(of(), ours)).toEqual([
    { where: 'builds.0.image.tree./f.mode', golden: '0644', ours: '0600' },
    { where: 'builds.0.image.tree./f.gid', golden: 0, ours: 5 },
  ])
})

test('missing and additional paths are differences', () => {
  expect(places(of({ tree: {} }))).toEqual(['builds.0.image.tree./f'])
  expect(places(of(), of({ tree: {} }))).toEqual(['builds.0.image.tree./f'])
  expect(places(of({ removed: [] }))).toEqual(['builds.0.image.removed.0'])
})

test('the order of keys does not matter, the order of the environment does', () => {
  const ports = { '443/tcp': {}, '80/tcp': {} }
  expect(places(of({ config: { ExposedPorts: ports, Cmd: ['/bin/sh'], Env: ['A=1'] } }))).toEqual([])
  const ours = of({ config: { ...image.config, Env: ['B=1', 'A=1'] } })
  expect(places(ours)).toEqual(['builds.0.image.config.Env.0', 'builds.0.image.config.Env.1'])
})

test('empty members of the configuration are none', () => {
  const ours = of({ config: { ...image.config, Volumes: null, Labels: {}, WorkingDir: '', OnBuild: [] } })
  expect(places(ours)).toEqual([])
})

test('comments of the history and parents in layers are each builder’s own', () => {
  expect(places(of({ history: [{ created_by: 'RUN x', comment: 'ours' }] }))).toEqual([])
  expect(places(of({ history: [{ created_by: 'RUN y' }] }))).toEqual(['builds.0.image.history.0.created_by'])
  expect(places(of({ layers: [['/', '/.wh.gone', '/d/f', '/f']] }))).toEqual([])
  expect(places(of({ layers: [['/.wh.gone', '/f']] }))).not.toEqual([])
})

test('of failures the line counts, and that there is one', () => {
  const failed = (message: string, line: number): CaseResult => ({
    builds: [{ error: { message, line }, warnings: [] }],
  })
  expect(places(failed('a', 3), failed('b', 3))).toEqual([])
  expect(places(failed('a', 3), failed('a', 4))).toEqual(['builds.0.error.line'])
  const unsaid: CaseResult = { builds: [{ error: { message: 'a' }, warnings: [] }] }
  expect(compareResults(unsaid, failed('b', 3))).toEqual([])
  expect(compareResults(failed('a', 3), unsaid)).toHaveLength(1)
  expect(places(of(), failed('a', 3))).toEqual(['builds.0.image', 'builds.0.error'])
})

test('warnings are compared by rule and line, in any order', () => {
  const warned = (...warnings: { rule: string; line: number; message: string }[]): CaseResult => ({
    builds: [{ image, warnings }],
  })
  const first = { rule: 'A', line: 1, message: 'x' }
  const second = { rule: 'B', line: 2, message: 'x' }
  expect(places(warned(first, second), warned({ ...second, message: 'y' }, first))).toEqual([])
  expect(places(warned(first), warned(first, second))).toEqual(['builds.0.warnings.1'])
})

test('which builds of a sequence agree is compared', () => {
  const agreeing = (...numbers: (number | null)[]): CaseResult => ({ ...of(), agreement: { '/id': numbers } })
  expect(places(agreeing(0, 0), agreeing(0, 1))).toEqual(['agreement./id.1'])
})

test('known differences are left out, and noticed when they are gone', () => {
  const found = compareResults(of(), of({ tree: {}, removed: [] }))
  const known = [{ case: 'copy-*', where: 'builds.0.image.tree', reason: 'meant' }]
  expect(unknownDifferences('copy-x', found, known).map(({ where }) => where)).toEqual(['builds.0.image.removed.0'])
  expect(unknownDifferences('add-x', found, known)).toEqual(found)
  expect(unknownDifferences('x', found, [{ case: '*', where: 'builds.*.image', reason: 'meant' }])).toEqual([])
  expect(outdatedDifferences({ 'copy-x': found }, known)).toEqual([])
  expect(outdatedDifferences({ 'copy-x': [], 'add-x': found }, known)).toEqual(known)
})
