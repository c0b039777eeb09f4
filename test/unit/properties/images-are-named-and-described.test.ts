// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import { expect } from 'vitest'
import { parseImageDocument } from '../../../src/oci/image-document.js'
import { indexToJson, parseIndex } from '../../../src/oci/image-index.js'
import { parseUntrustedJson } from '../../../src/oci/json.js'
import { manifestToJson, parseManifest } from '../../../src/oci/manifest.js'
import { formatPlatform, parsePlatform } from '../../../src/oci/platform.js'
import { canonicalReference, familiarReference, parseReference } from '../../../src/oci/reference.js'
import { holds } from '../../support/cases.js'
import { unlessRefused } from '../../support/refusals.js'
import { jsonLike, textOf } from './arbitraries.js'

const hex = 'a'.repeat(64)
const referencePieces = [
  'a',
  'b1',
  'A',
  '.',
  '_',
  '__',
  '-',
  '/',
  ':',
  '@',
  '[',
  ']',
  '::1',
  'localhost',
  'docker.io',
  '5000',
  `sha256:${hex}`,
  'latest',
  'library',
]

holds(
  'what is a reference is the same one after it was written, in full and in short',
  fc.property(textOf(referencePieces), (text) => {
    const reference = unlessRefused(['ERR_INVALID_REFERENCE'], () => parseReference(text))
    if (reference === undefined) return
    expect(parseReference(canonicalReference(reference))).toEqual(reference)
    expect(parseReference(familiarReference(reference))).toEqual(reference)
  }),
  1000,
)

holds(
  'a platform is the same one after it was written',
  fc.property(
    textOf(['linux', 'amd64', 'arm', 'arm64', 'v7', 'v8', '/', 'x86_64', 'aarch64', 'windows', ' ']),
    (text) => {
      const platform = unlessRefused(['ERR_INVALID_ARGUMENT'], () => parsePlatform(text))
      if (platform !== undefined) expect(parsePlatform(formatPlatform(platform))).toEqual(platform)
    },
  ),
)

const descriptor = { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: `sha256:${hex}`, size: 5 }
const manifest = { schemaVersion: 2, config: descriptor, layers: [descriptor], annotations: { a: 'b' } }
const index = {
  schemaVersion: 2,
  manifests: [{ ...descriptor, platform: { os: 'linux', architecture: 'arm', variant: 'v7' } }],
}
const image = {
  os: 'linux',
  architecture: 'amd64',
  rootfs: { type: 'layers', diff_ids: [`sha256:${hex}`] },
  history: [{ created_by: 'x' }],
  config: {
    Env: ['A=b'],
    Cmd: ['sh'],
    Labels: { a: 'b' },
    ExposedPorts: { '80/tcp': {} },
    Volumes: { '/v': {} },
    Healthcheck: { Test: ['CMD', 'x'], Interval: 1e9 },
  },
}

holds(
  'a manifest of any shape is one, which says the same after it was written, or refused',
  fc.property(jsonLike(manifest), (value) => {
    const parsed = unlessRefused(['ERR_IMAGE_INVALID'], () => parseManifest(JSON.stringify(value)))
    if (parsed !== undefined) expect(parseManifest(manifestToJson(parsed))).toEqual(parsed)
  }),
)

holds(
  'so is an index',
  fc.property(jsonLike(index), (value) => {
    const parsed = unlessRefused(['ERR_IMAGE_INVALID'], () => parseIndex(JSON.stringify(value)))
    if (parsed !== undefined) expect(parseIndex(indexToJson(parsed))).toEqual(parsed)
  }),
)

holds(
  'so is the config of an image, whose labels and the like have no prototype to change',
  fc.property(jsonLike(image), (value) => {
    unlessRefused(['ERR_IMAGE_INVALID'], () => parseImageDocument(JSON.stringify(value)))
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  }),
)

holds(
  'any bytes are JSON, or refused',
  fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
    unlessRefused(['ERR_IMAGE_INVALID'], () => parseUntrustedJson(bytes, 'test'))
  }),
)

holds(
  'JSON that is accepted is what JSON.parse says',
  fc.property(fc.json({ maxDepth: 5 }), (text) => {
    const value = unlessRefused(['ERR_IMAGE_INVALID'], () => parseUntrustedJson(text, 'test'))
    if (value !== undefined) expect(value).toEqual(JSON.parse(text))
  }),
)
