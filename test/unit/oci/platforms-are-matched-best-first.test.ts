// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { digestOf } from '../../../src/oci/digest.js'
import { type Index, selectManifest } from '../../../src/oci/image-index.js'
import { mediaTypes } from '../../../src/oci/media-types.js'
import { formatPlatform, hostPlatform, normalizePlatform, parsePlatform } from '../../../src/oci/platform.js'
import { platformPreference } from '../../../src/oci/platform-match.js'

const entry = (text: string, mediaType: string = mediaTypes.manifest) => {
  const [os = '', architecture = '', variant] = text.split('/')
  return { mediaType, size: 1, digest: digestOf(`${text} ${mediaType}`), platform: { os, architecture, variant } }
}
const indexOf = (...manifests: Index['manifests']): Index => ({
  schemaVersion: 2,
  mediaType: mediaTypes.index,
  manifests,
})
const chosen = (wanted: string, ...offered: string[]) => {
  const found = selectManifest(indexOf(...offered.map((text) => entry(text))), parsePlatform(wanted))
  return found?.platform && formatPlatform(found.platform)
}

describe('platforms', () => {
  it.each([
    ['linux/amd64', 'linux/amd64'],
    ['amd64', 'linux/amd64'],
    ['x86_64', 'linux/amd64'],
    ['linux/aarch64', 'linux/arm64'],
    ['linux/arm64/v8', 'linux/arm64'],
    ['linux/arm64/8', 'linux/arm64'],
    ['linux/arm', 'linux/arm/v7'],
    ['armel', 'linux/arm/v6'],
    ['linux/arm/6', 'linux/arm/v6'],
    ['Linux/AMD64/v1', 'linux/amd64'],
    ['linux/amd64/v3', 'linux/amd64/v3'],
    ['i386', 'linux/386'],
    ['windows/amd64', 'windows/amd64'],
  ])('%s is %s', (text, expected) => expect(formatPlatform(parsePlatform(text))).toBe(expected))

  it.each(['', 'linux', 'linux/', '/amd64', 'linux/amd64/', 'a/b/c/d', 'linux amd64', 5, null])(
    '%j is refused',
    (text) => {
      expect(() => parsePlatform(text)).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', option: 'platform' }),
      )
    },
  )

  it('the host is a Linux platform in the normal spelling', () => {
    expect(hostPlatform().os).toBe('linux')
    expect(normalizePlatform(hostPlatform())).toEqual(hostPlatform())
  })

  it('32-bit ARM goes down from its own version, 64-bit prefers 64 bits', () => {
    expect(platformPreference(parsePlatform('linux/arm/v7')).map(formatPlatform)).toEqual([
      'linux/arm/v7',
      'linux/arm/v6',
      'linux/arm/v5',
    ])
    expect(platformPreference(parsePlatform('linux/arm64')).map(formatPlatform).slice(0, 3)).toEqual([
      'linux/arm64',
      'linux/arm/v8',
      'linux/arm/v7',
    ])
    expect(platformPreference(parsePlatform('linux/amd64/v3')).map(formatPlatform)).toEqual([
      'linux/amd64/v3',
      'linux/amd64/v2',
      'linux/amd64',
    ])
  })
})

describe('selectManifest', () => {
  it.each([
    ['linux/amd64', ['linux/386', 'linux/amd64'], 'linux/amd64'],
    ['linux/amd64', ['linux/amd64/v3'], undefined],
    ['linux/amd64/v3', ['linux/amd64', 'linux/amd64/v2'], 'linux/amd64/v2'],
    ['linux/arm/v7', ['linux/arm/v5', 'linux/arm/v6', 'linux/arm64/v8'], 'linux/arm/v6'],
    ['linux/arm/v6', ['linux/arm/v7'], undefined],
    ['linux/arm64', ['linux/arm/v7', 'linux/arm64/v8'], 'linux/arm64/v8'],
    ['linux/riscv64', ['linux/amd64'], undefined],
  ])('for %s of %j takes %s', (wanted, offered, expected) => expect(chosen(wanted, ...offered)).toBe(expected))

  it('never takes an attestation, takes a nested index last', () => {
    const nested = entry('linux/amd64', mediaTypes.index)
    const attestation = entry('unknown/unknown')
    const amd64 = parsePlatform('linux/amd64')
    expect(selectManifest(indexOf(attestation), amd64)).toBeUndefined()
    expect(selectManifest(indexOf(attestation, nested), amd64)).toBe(nested)
    const manifest = entry('linux/amd64')
    expect(selectManifest(indexOf(nested, manifest), amd64)).toBe(manifest)
  })

  it('takes a manifest without platform if it is the only one', () => {
    const { platform: _, ...plain } = entry('linux/amd64')
    expect(selectManifest(indexOf(plain), hostPlatform())).toBe(plain)
    expect(selectManifest(indexOf(plain, { ...plain }), hostPlatform())).toBeUndefined()
  })
})
