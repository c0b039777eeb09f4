// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readDescriptor } from '../../../src/oci/descriptor.js'
import { digestOf } from '../../../src/oci/digest.js'
import { imageDocumentToJson, parseImageDocument } from '../../../src/oci/image-document.js'
import { indexToJson, parseIndex } from '../../../src/oci/image-index.js'
import { parseUntrustedJson } from '../../../src/oci/json.js'
import { checkLayoutHeader } from '../../../src/oci/layout.js'
import { manifestToJson, parseManifest } from '../../../src/oci/manifest.js'

interface Fixture {
  readonly file: string
  readonly schema?: string
  readonly mediatype?: string
  readonly valid: boolean
  readonly why: string
  readonly sha256?: string
}
const directory = new URL('../../fixtures/oci/', import.meta.url)
const read = (file: string) => readFileSync(new URL(file, directory))
const fixtures = JSON.parse(read('index.json').toString()) as readonly Fixture[]

const parsers: readonly (readonly [RegExp, (data: Uint8Array) => unknown])[] = [
  [/manifest-schema|image\.manifest/, (data) => parseManifest(data)],
  [/index-schema|image\.index/, (data) => parseIndex(data)],
  [/layout/, (data) => checkLayoutHeader(data)],
  [/config-schema|image\.config/, (data) => parseImageDocument(data)],
  [/descriptor/, (data) => readDescriptor(parseUntrustedJson(data, 'descriptor'), '')],
]

function parse(fixture: Fixture): unknown {
  const kind = fixture.schema ?? fixture.mediatype ?? ''
  const parser = parsers.find(([pattern]) => pattern.test(kind))?.[1]
  if (!parser) throw new Error(`no parser for ${fixture.file}`)
  return parser(read(fixture.file))
}

// Registries hold manifests without layers (the distribution conformance suite pushes them), whatever the schema says.
const accepted = (fixture: Fixture) => fixture.valid || fixture.file === 'bad/manifest-05.json'

describe('documents of the image specification', () => {
  it.each(fixtures.filter(accepted))('accepts $file: $why', (fixture) => expect(() => parse(fixture)).not.toThrow())

  it.each(fixtures.filter((fixture) => !accepted(fixture)))('refuses $file: $why', (fixture) => {
    expect(() => parse(fixture)).toThrow(expect.objectContaining({ code: 'ERR_IMAGE_INVALID' }))
  })

  it.each(fixtures.filter(({ sha256 }) => sha256))('computes the digest of $file', ({ file, sha256 }) => {
    expect(digestOf(read(file))).toBe(sha256)
  })
})

describe('what is written', () => {
  it('reads back as the same', () => {
    const manifest = parseManifest(read('good/manifest-07.json'))
    expect(parseManifest(manifestToJson(manifest))).toEqual(manifest)
    const index = parseIndex(read('good/index-06.json'))
    expect(parseIndex(indexToJson(index))).toEqual(index)
    for (const file of ['good/config-07.json', 'docker-compat/docker-config-00.json']) {
      const document = parseImageDocument(read(file))
      expect(parseImageDocument(imageDocumentToJson(document))).toEqual(document)
    }
  })

  it('keeps what Docker added to the config', () => {
    const healthcheck = { test: ['CMD', 'true'], intervalMs: 1500, retries: 3 }
    const base = parseImageDocument(read('good/config-08.json'))
    const json = imageDocumentToJson({
      ...base,
      config: { healthcheck, shell: ['/bin/bash', '-c'], onBuild: ['RUN x'] },
    })
    expect(JSON.parse(json).config.Healthcheck).toEqual({ Test: ['CMD', 'true'], Interval: 1_500_000_000, Retries: 3 })
    expect(parseImageDocument(json).config).toEqual({ healthcheck, shell: ['/bin/bash', '-c'], onBuild: ['RUN x'] })
  })
})
