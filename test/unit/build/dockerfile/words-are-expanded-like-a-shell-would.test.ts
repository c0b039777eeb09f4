// SPDX-License-Identifier: Apache-2.0
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the syntax that is tested.
import { describe, expect, it } from 'vitest'
import { expandWord } from '../../../../src/build/dockerfile/expand-word.js'

const environment = new Map([
  ['HOME', '/home/me'],
  ['EMPTY', ''],
  ['LIST', 'a b  c'],
  ['FILE', 'archive.tar.gz'],
  ['한국어', 'ko'],
])
const text = (word: string, escapeChar = '\\') => expandWord(word, environment, { escapeChar }).text
const words = (word: string) => expandWord(word, environment, { escapeChar: '\\' }).words

describe('a word', () => {
  it.each([
    ['x', 'x'],
    [`a'b'c`, 'abc'],
    [`a\\'b`, `a'b`],
    ['a\\tb', 'atb'],
    ['"a\\tb"', 'a\\tb'],
    [`'a\\tb'`, 'a\\tb'],
    ['a\\', 'a'],
    ['a\\\\', 'a\\'],
    [`'a\\'`, 'a\\'],
    [`"a'b"`, `a'b`],
    ['$.', '$.'],
    ['a$', 'a$'],
    ['a$1b', 'ab'],
    ['$12', ''],
    ['$HOME', '/home/me'],
    ['\\$HOME', '$HOME'],
    ['"\\$HOME"', '$HOME'],
    [`'$HOME'`, '$HOME'],
    [`"'$HOME'"`, `'/home/me'`],
    ['$HOMES', ''],
    ['${HOME}S', '/home/meS'],
    ['$한국어', 'ko'],
    ['${none}}', '}'],
    ['${none:-a{b}', 'a{b'],
    ['${none:-$HOME:}x', '/home/me:x'],
    ['${none:-${nix:-deep}}', 'deep'],
    ['${EMPTY-x}', ''],
    ['${EMPTY:-x}', 'x'],
    ['${HOME:+${none}}', ''],
    ['${HOME+set}', 'set'],
    ['${EMPTY?}', ''],
    ['${@}$#$?', ''],
    ['${FILE#*.}', 'tar.gz'],
    ['${FILE##*.}', 'gz'],
    ['${FILE%.*}', 'archive.tar'],
    ['${FILE%%.*}', 'archive'],
    ['${FILE/?r/_}', '_chive.tar.gz'],
    ['${FILE//a/_}', '_rchive.t_r.gz'],
    ['${FILE//*/_}', '_'],
    ['${LIST// /}', 'abc'],
    ['${EMPTY//*/_}', '_'],
  ])('%s becomes %s', (word, expected) => expect(text(word)).toBe(expected))

  it.each([
    `a'b`,
    '"a',
    '"a\\"',
    `'a`,
    '${',
    '${}',
    '${:}',
    '${:-a}',
    '${{a}',
    '${a',
    '${a:-b',
    '${a:b}',
    '${.}',
    '${none?}',
    '${EMPTY:?}',
    '${HOME=x}',
    '${HOME/a}',
    '${HOME#\\x}',
  ])('%s is refused', (word) => expect(() => text(word)).toThrow(/.+/))

  it('is escaped by the character of the file', () => {
    expect(text('a`$HOME\\', '`')).toBe('a$HOME\\')
  })

  it('is several where variables have white space that is not quoted', () => {
    expect(words('$LIST "$LIST" x')).toEqual(['a', 'b', 'c', 'a b  c', 'x'])
    expect(words('a\\ b "" c')).toEqual(['a b', 'c'])
  })

  it('says what a message asks for', () => {
    expect(() => text('${VERSION:?give a version}')).toThrow('VERSION: give a version')
    expect(() => text('${EMPTY:?}')).toThrow('EMPTY: is not allowed to be empty')
  })
})

describe('a bomb', () => {
  it.each([
    ['of nested substitutions', '${a:-'.repeat(50_000)],
    ['of repeated values', '${BIG}'.repeat(60_000)],
    ['of replacements', '${BIG//a/${BIG}}'],
    ['of stars', `\${BIG##${'*a'.repeat(30_000)}b}`],
  ])('%s is refused soon', (_, word) => {
    const big = new Map([['BIG', 'a'.repeat(30_000)]])
    const begin = performance.now()
    expect(() => expandWord(word, big, { escapeChar: '\\' })).toThrow(/.+/)
    expect(performance.now() - begin).toBeLessThan(3000)
  })
})
