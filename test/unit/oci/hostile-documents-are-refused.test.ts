// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { digestOf } from '../../../src/oci/digest.js'
import { parseImageDocument } from '../../../src/oci/image-document.js'
import { parseIndex } from '../../../src/oci/image-index.js'
import { parseUntrustedJson } from '../../../src/oci/json.js'
import { parseManifest } from '../../../src/oci/manifest.js'
import { mediaTypes } from '../../../src/oci/media-types.js'

const descriptor = { mediaType: mediaTypes.config, size: 2, digest: digestOf('{}') }
const layer = { ...descriptor, mediaType: mediaTypes.layerGzip }
const manifest = { schemaVersion: 2, mediaType: mediaTypes.manifest, config: descriptor, layers: [layer] }
const index = {
  schemaVersion: 2,
  mediaType: mediaTypes.index,
  manifests: [{ ...descriptor, mediaType: mediaTypes.manifest }],
}
const config = { os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: [descriptor.digest] } }
const invalid = expect.objectContaining({ code: 'ERR_IMAGE_INVALID' })
const text = (value: unknown) => JSON.stringify(value)

describe('a manifest', () => {
  it.each([
    ['that is an index too', { ...manifest, manifests: [] }],
    ['that says it is an index', { ...manifest, mediaType: mediaTypes.index }],
    ['of schema 1', { ...manifest, schemaVersion: 1 }],
    ['of schema 1 with fsLayers', { ...manifest, fsLayers: [] }],
    ['without version', { ...manifest, schemaVersion: undefined }],
    ['that is null', null],
    ['that is an array', [manifest]],
    ['without config', { ...manifest, config: undefined }],
    ['with null as config', { ...manifest, config: null }],
    ['without layers', { ...manifest, layers: undefined }],
    ['with null among its layers', { ...manifest, layers: [null] }],
    ['with too many layers', { ...manifest, layers: Array(1025).fill(layer) }],
    ['with a fraction as size', { ...manifest, layers: [{ ...layer, size: 1.5 }] }],
    ['with a size beyond 2^53', { ...manifest, layers: [{ ...layer, size: 2 ** 60 }] }],
    ['with a path as digest', { ...manifest, layers: [{ ...layer, digest: 'sha256:../../../etc/passwd' }] }],
    ['with a short digest', { ...manifest, layers: [{ ...layer, digest: 'sha256:abcd' }] }],
    ['with a digest with newline', { ...manifest, layers: [{ ...layer, digest: `${layer.digest}\n` }] }],
    ['with annotations that are no strings', { ...manifest, annotations: { a: {} } }],
  ])('%s is refused', (_, value) => expect(() => parseManifest(text(value))).toThrow(invalid))

  it('is refused when announced as something else', () => {
    expect(() => parseManifest(text(manifest), mediaTypes.index)).toThrow(invalid)
    expect(() => parseManifest(text(manifest), mediaTypes.dockerManifest)).toThrow(invalid)
    expect(parseManifest(text({ ...manifest, mediaType: undefined }), mediaTypes.dockerManifest).mediaType).toBe(
      mediaTypes.dockerManifest,
    )
  })

  it('names what is wrong by its path', () => {
    expect(() => parseManifest(text({ ...manifest, layers: [layer, { ...layer, size: '2' }] }))).toThrow(
      "manifest.layers[1].size: expected a whole number, got '2'",
    )
  })

  it('with __proto__ is read by its own members only', () => {
    const hostile = `{"__proto__": ${text(manifest)}}`
    expect(() => parseManifest(hostile)).toThrow(invalid)
    const annotated = parseManifest(text(manifest).replace('{', '{"annotations":{"__proto__":"x"},'))
    expect(Object.keys(annotated.annotations ?? {})).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(annotated.annotations)).toBe(Object.prototype)
  })
})

describe('an index', () => {
  it.each([
    ['that is a manifest too', { ...index, layers: [] }],
    ['with a config', { ...index, config: descriptor }],
    ['that says it is a manifest', { ...index, mediaType: mediaTypes.manifest }],
    ['without manifests', { ...index, manifests: null }],
    ['with too many', { ...index, manifests: Array(4097).fill(descriptor) }],
  ])('%s is refused', (_, value) => expect(() => parseIndex(text(value))).toThrow(invalid))
})

describe('an image config', () => {
  it.each([
    ['without rootfs', { ...config, rootfs: null }],
    ['with a rootfs of another type', { ...config, rootfs: { type: 'windows', diff_ids: [] } }],
    ['with a diffID that is none', { ...config, rootfs: { type: 'layers', diff_ids: ['../x'] } }],
    ['with an environment without names', { ...config, config: { Env: ['=x'] } }],
    ['with NUL in its environment', { ...config, config: { Env: ['A=\0'] } }],
    ['with a negative interval', { ...config, config: { Healthcheck: { Test: [], Interval: -1 } } }],
    ['without os', { ...config, os: undefined }],
  ])('%s is refused', (_, value) => expect(() => parseImageDocument(text(value))).toThrow(invalid))

  it('with null everywhere is read as empty', () => {
    const empty = {
      Env: null,
      Cmd: null,
      Entrypoint: null,
      Volumes: null,
      Labels: null,
      ExposedPorts: null,
      Healthcheck: null,
    }
    expect(parseImageDocument(text({ ...config, config: empty, history: null })).config).toEqual({})
    expect(parseImageDocument(text({ ...config, config: null })).config).toEqual({})
  })
})

describe('JSON of a stranger', () => {
  it.each([
    ['too large', `"${'x'.repeat(5 * 1024 * 1024)}"`],
    ['too deep', '['.repeat(100_000)],
    ['too deep in objects', `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`],
    ['with a key twice', '{"a":1,"b":{"a":2},"a":3}'],
    ['with a key twice, once escaped', '{"layers":1,"l\\u0061yers":2}'],
    ['truncated', '{"a":'],
    ['with an unterminated string', '{"a":"\\"'],
    ['empty', ''],
    ['not UTF-8', Buffer.from([0x22, 0xff, 0x22])],
  ])('%s is refused', (_, data) => expect(() => parseUntrustedJson(data, 'x')).toThrow(invalid))

  it('is read where colons, brackets and quotes are inside strings', () => {
    const value = { 'a:"{': [':', '{', '\\', '\\"', { a: ':' }, { a: ':' }], b: {} }
    expect(parseUntrustedJson(text(value), 'x')).toEqual(value)
  })

  it('takes linear time for quotes without end', () => {
    const started = performance.now()
    expect(() => parseUntrustedJson(`"${'\\"'.repeat(2_000_000)}`, 'x')).toThrow(invalid)
    expect(performance.now() - started).toBeLessThan(3000)
  })
})

describe('a platform', () => {
  it.each(['__proto__', 'constructor', 'toString'])('may be called %s, which says nothing', (architecture) => {
    const document = { os: 'linux', architecture, rootfs: { type: 'layers', diff_ids: [] } }
    expect(parseImageDocument(text(document)).platform).toEqual({
      os: 'linux',
      architecture: architecture.toLowerCase(),
    })
  })
})
