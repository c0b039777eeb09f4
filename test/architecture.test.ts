// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest'
import { addonIncludes, filesWithoutLicence, longFiles, sourceImports } from './support/house.js'

// docs/ARCHITECTURE.md, "The house": a folder imports only what ranks above it here, never its neighbour of the same rank.
const ranks: Readonly<Record<string, number>> = {
  errors: 0,
  // One deviation (docs/decisions/0002): what util refuses, it refuses with an EngineError.
  util: 0.5,
  oci: 1,
  native: 1,
  events: 2,
  store: 2,
  registry: 2,
  security: 2,
  layer: 3,
  snapshot: 3,
  signature: 3,
  image: 4,
  network: 4,
  volume: 4,
  runtime: 5,
  container: 6,
  // Its commands run in containers (docs/decisions/0035).
  build: 7,
  api: 8,
  'index.ts': 9,
  compose: 9,
  testing: 9,
  'compose.ts': 10,
  'testing.ts': 10,
}

const addonMayInclude: Readonly<Record<string, readonly string[]>> = {
  core: [],
  layer: ['core'],
  network: ['core'],
  cgroup: ['core'],
  runtime: ['core', 'layer', 'network', 'cgroup'],
  files: ['core', 'layer', 'runtime'],
  build: ['core', 'layer', 'runtime'],
  supervisor: ['core', 'layer', 'network', 'cgroup', 'runtime', 'files', 'build'],
  command: ['core', 'layer', 'network', 'cgroup', 'runtime'],
  binding: ['core'],
  test: ['core', 'layer', 'network', 'cgroup', 'runtime', 'files', 'build', 'supervisor', 'command'],
}

const maximalLines = 300

describe('src', () => {
  test('every folder has its place in the house', () => {
    const folders = new Set(sourceImports().map(({ from }) => from))
    expect([...folders].filter((folder) => ranks[folder] === undefined)).toEqual([])
  })

  test('a folder imports only folders above it', () => {
    const wrong = sourceImports().filter(
      ({ from, to }) => from !== to && !((ranks[to] ?? Number.POSITIVE_INFINITY) < (ranks[from] ?? -1)),
    )
    expect(wrong.map(({ file, specifier }) => `${file} imports ${specifier}`)).toEqual([])
  })

  test('only src/native loads a native addon', () => {
    const loaders = sourceImports().filter(({ loadsAddon, from }) => loadsAddon && from !== 'native')
    expect(loaders.map(({ file }) => file)).toEqual([])
  })
})

describe('addon', () => {
  test('every folder has its place in the house', () => {
    const folders = new Set(addonIncludes().map(({ from }) => from))
    expect([...folders].filter((folder) => addonMayInclude[folder] === undefined)).toEqual([])
  })

  test('a folder includes only folders before it', () => {
    const wrong = addonIncludes().filter(
      ({ from, to }) => to !== undefined && to !== from && !addonMayInclude[from]?.includes(to),
    )
    expect(wrong.map(({ file, header }) => `${file} includes ${header}`)).toEqual([])
  })

  test('headers of our own are named from addon/, so that the folder can be seen', () => {
    const wrong = addonIncludes().filter(({ from, quoted, to }) => quoted && to === undefined && from !== 'test')
    expect(wrong.map(({ file, header }) => `${file} includes "${header}"`)).toEqual([])
  })

  test('only binding knows Node', () => {
    const node = /^(napi|node_api|js_native_api|uv|v8|node)\.h$/
    const wrong = addonIncludes().filter(({ header, from }) => node.test(header) && from !== 'binding')
    expect(wrong.map(({ file, header }) => `${file} includes ${header}`)).toEqual([])
  })
})

test(`no source file is longer than ${maximalLines} lines`, () => {
  expect(longFiles(maximalLines)).toEqual([])
})

test('every source file names its licence in its first lines', () => {
  expect(filesWithoutLicence()).toEqual([])
})
