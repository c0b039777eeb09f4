// SPDX-License-Identifier: Apache-2.0
import { readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { allCases } from '../../build/all-cases.js'
import { goldenPath, inputOf, readGolden } from '../../build/golden.js'
import { knownDifferences } from '../../build/known-differences.js'

const names = allCases.map(({ name }) => name)

test('cases have names of their own', () => {
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
  expect(names.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name))).toEqual([])
})

test('there is a golden for every case that the recording Docker is young enough for', () => {
  const lacking = allCases.filter((item) => readGolden(item) === undefined && item.since === undefined)
  expect(lacking.map(({ name }) => name)).toEqual([])
})

test('every golden was recorded from its case as it is now', () => {
  const stale = allCases.filter((item) => (readGolden(item)?.input ?? inputOf(item)) !== inputOf(item))
  expect(stale.map(({ name }) => name)).toEqual([])
})

test('there is no golden without a case', () => {
  const recorded = readdirSync(dirname(goldenPath(allCases[0]!))).map((file) => file.replace(/\.json$/, ''))
  expect(recorded.filter((name) => !names.includes(name))).toEqual([])
})

test('a case fails where its golden does', () => {
  const wrong = allCases.filter((item) => {
    const builds = readGolden(item)?.result.builds
    return builds !== undefined && builds.some(({ error }) => error) !== (item.fails ?? false)
  })
  expect(wrong.map(({ name }) => name)).toEqual([])
})

test('known differences have reasons, and are of cases', () => {
  const known = knownDifferences()
  expect(known.filter(({ reason }) => reason.length < 10)).toEqual([])
  expect(known.filter((each) => !names.some((name) => name.startsWith(each.case.replace(/\*$/, ''))))).toEqual([])
})
