// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { chainId, chainIds } from '../../../src/oci/chain-id.js'
import { Digester, digestOf, digestParts, isDigest, parseDigest } from '../../../src/oci/digest.js'

const sha256 = `sha256:${'0'.repeat(64)}`

describe('digests', () => {
  it.each([
    sha256,
    `sha512:${'f'.repeat(128)}`,
    'sha256+b64u:LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564',
    'blake3:0ff',
  ])('%s is one', (text) => {
    expect(isDigest(text)).toBe(true)
  })

  it.each([
    '',
    'sha256',
    'sha256:',
    ':abc',
    sha256.toUpperCase(),
    `${sha256}0`,
    sha256.slice(0, -1),
    `sha512:${'f'.repeat(64)}`,
    'sha256:../x',
    `${sha256}\n`,
    5,
    null,
  ])('%j is none', (text) => {
    expect(isDigest(text)).toBe(false)
    expect(() => parseDigest(text)).toThrow(expect.objectContaining({ code: 'ERR_IMAGE_INVALID' }))
  })

  it('of an unknown algorithm are named but not used', () => {
    expect(() => digestParts(parseDigest('blake3:0ff'))).toThrow(expect.objectContaining({ code: 'ERR_UNSUPPORTED' }))
    expect(digestParts(parseDigest(sha256))).toEqual({ algorithm: 'sha256', hex: '0'.repeat(64) })
  })

  it('are computed as content streams by', () => {
    const digester = new Digester('sha512').update('ab').update(Buffer.from('c'))
    expect(digester.size).toBe(3)
    expect(digester.digest()).toBe(`sha512:${createHash('sha512').update('abc').digest('hex')}`)
    expect(digestOf('é')).toBe(digestOf(Buffer.from('é')))
    expect(new Digester().update('é').size).toBe(2)
  })
})

describe('chain ids', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((text) => digestOf(text)) as [
    ReturnType<typeof digestOf>,
    ReturnType<typeof digestOf>,
    ReturnType<typeof digestOf>,
  ]

  it('follow the formula of the specification', () => {
    expect(chainId([])).toBeNull()
    expect(chainId([a])).toBe(a)
    const ab = digestOf(`${a} ${b}`)
    expect(chainIds([a, b, c])).toEqual([a, ab, digestOf(`${ab} ${c}`)])
  })
})
