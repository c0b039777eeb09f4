// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { beforeAll, expect, test } from 'vitest'
import { Image } from '../../../src/index.js'
import { parseImageDocument } from '../../../src/oci/image-document.js'
import { allCases } from '../../build/all-cases.js'
import { baseImages, baseStacks } from '../../build/base-images.js'
import { compareResults } from '../../build/compare.js'
import { readGolden } from '../../build/golden.js'
import { knownDifferences, unknownDifferences } from '../../build/known-differences.js'
import { ownBuilder } from '../../build/own-builder.js'
import { runCase } from '../../build/run-case.js'
import { tarOfEntries } from '../../support/layered-layout.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
const known = knownDifferences()
const bases = baseStacks()

beforeAll(async () => {
  for (const { name, entries, config } of baseImages()) {
    const platform = { os: 'linux', architecture: 'amd64' }
    const document = parseImageDocument(
      JSON.stringify({ ...platform, config, rootfs: { type: 'layers', diff_ids: [] } }),
    )
    const tar = Readable.from([tarOfEntries(entries)])
    await Image.import(tar, { engine: host.engine, tag: name, config: document.config })
  }
})

// All of them take a minute and a half: the gate runs every fourth, `TSC_TEST_ALL=1` the others too.
const chosen = process.env.TSC_TEST_ALL ? allCases : allCases.filter((_, index) => index % 4 === 0)

test.each(chosen.map((item) => [item.name, item] as const))('%s', async (name, item) => {
  const golden = readGolden(item)
  if (!golden) return
  const directory = await mkdtemp(join(host.directory, 'case-'))
  try {
    const ours = await runCase(ownBuilder(host.engine), item, { directory, bases })
    expect(unknownDifferences(name, compareResults(golden.result, ours), known)).toEqual([])
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
})
