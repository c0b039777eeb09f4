// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import { parseDockerfile } from '../../../src/build/dockerfile/parse-dockerfile.js'
import { buildGraph } from '../../../src/build/graph/build-graph.js'
import type { ResolvedImage } from '../../../src/build/graph/graph-options.js'
import { EngineError } from '../../../src/errors/engine-error.js'
import { imageDocumentToJson, parseImageDocument } from '../../../src/oci/image-document.js'
import type { Platform } from '../../../src/oci/platform.js'
import { allCases } from '../../build/all-cases.js'
import { baseImages } from '../../build/base-images.js'
import type { BuildCase, BuildStep } from '../../build/build-case.js'
import type { BuildOutcome, BuildWarning, HistoryEntry } from '../../build/build-result.js'
import { compareResults } from '../../build/compare.js'
import { readGolden } from '../../build/golden.js'
import { knownDifferences, unknownDifferences } from '../../build/known-differences.js'

// What can be seen of a build before anything runs: configuration, history, warnings, and refusals with their lines.

const amd64: Platform = { os: 'linux', architecture: 'amd64' }
const bases = new Map(baseImages().map((image) => [`docker.io/${image.name}`, image]))

const resolveImage = async (reference: string): Promise<ResolvedImage> => {
  const base = bases.get(reference)
  if (base === undefined) throw new EngineError({ code: 'ERR_IMAGE_NOT_FOUND', message: `no image ${reference}` })
  const rootfs = { type: 'layers', diff_ids: [`sha256:${'0'.repeat(64)}`] }
  const document = { ...amd64, config: base.config, history: [{ created_by: base.name }], rootfs }
  return { reference, document: parseImageDocument(JSON.stringify(document)) }
}

const platformOf = (text: string | undefined): Platform | undefined => {
  if (text === undefined) return undefined
  const [os = '', architecture = '', variant] = text.split('/')
  return { os, architecture, ...(variant !== undefined && { variant }) }
}

interface Document {
  readonly config?: Readonly<Record<string, unknown>>
  readonly history?: readonly (HistoryEntry & { readonly created?: string })[]
}

const plan = async (item: BuildCase, step: BuildStep, golden: BuildOutcome): Promise<BuildOutcome> => {
  const warnings: BuildWarning[] = []
  try {
    const graph = await buildGraph(parseDockerfile(step.dockerfile ?? item.dockerfile), {
      resolveImage,
      target: step.target ?? item.target,
      platform: platformOf(item.platform),
      buildPlatform: amd64,
      args: step.args ?? item.args,
      labels: item.labels,
      contexts: Object.fromEntries(Object.keys(item.contexts ?? {}).map((name) => [name, { kind: 'context' }])),
      onWarning: ({ rule, message, range }) => warnings.push({ rule, message, line: range.start.line }),
    })
    const { platform, config, history, author } = graph
    const json = imageDocumentToJson({ platform, config, history, author, diffIds: [] })
    const document = JSON.parse(json) as Document
    const all = document.history ?? []
    const image = {
      platform: [platform.os, platform.architecture, platform.variant].filter(Boolean).join('/'),
      config: document.config ?? {},
      ...(author !== undefined && author !== '' && { author }),
      // The base's are in front, and left out of goldens.
      history: all.slice(all.length - (golden.image?.history.length ?? 0)).map(({ created: _, ...entry }) => entry),
      tree: {},
      removed: [],
      layers: [],
    }
    return { image, warnings }
  } catch (error) {
    const { message, line } = error as Error & { line?: number }
    return { error: { message, ...(line !== undefined && { line }) }, warnings }
  }
}

const planned = ({ image, ...rest }: BuildOutcome): BuildOutcome => ({
  ...rest,
  ...(image && { image: { ...image, tree: {}, removed: [], layers: [] } }),
})

const known = knownDifferences()

test.each(allCases.map((item) => [item.name, item] as const))('%s', async (_, item) => {
  const golden = readGolden(item)
  if (golden === undefined) return
  for (const [index, step] of (item.builds ?? [{}]).entries()) {
    const wanted = golden.result.builds[index]
    if (wanted === undefined) continue
    const ours = await plan(item, step, wanted)
    // It fails when it runs.
    if (wanted.error && !ours.error) continue
    const text = JSON.stringify({ builds: [planned(wanted)] }).replaceAll('{{server}}', '%server%')
    const mine = JSON.stringify({ builds: [ours] }).replaceAll('{{server}}', '%server%')
    const differences = compareResults(JSON.parse(text), JSON.parse(mine))
    expect(unknownDifferences(item.name, differences, known)).toEqual([])
  }
})
