// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { IgnoreMatcher } from '../../../src/build/ignore/ignore-matcher.js'
import { readIgnoreFile } from '../../../src/build/ignore/read-ignore-file.js'

const table = <T>(name: string) =>
  JSON.parse(readFileSync(new URL(`../../fixtures/dockerfile/dockerignore/${name}`, import.meta.url)).toString()) as T

interface Case {
  readonly patterns: readonly string[]
  readonly path: string
  readonly ignored: boolean
  readonly error?: boolean
}

describe('the older rule', () => {
  it.each(table<readonly Case[]>('match-legacy-cases.json'))('%j', ({ patterns, path, ignored, error }) => {
    const ignores = () => new IgnoreMatcher(patterns).ignoresByOldRule(path)
    if (error) expect(ignores).toThrow(expect.objectContaining({ code: 'ERR_IGNORE_PATTERN', line: 1 }))
    else expect(ignores()).toBe(ignored)
  })
})

describe('a file of patterns', () => {
  it('is read with its paths cleaned', () => {
    const { input, patterns } = table<{ input: string; patterns: readonly string[] }>('readall-case.json')
    expect(readIgnoreFile(input).map(({ pattern }) => pattern)).toEqual(patterns)
  })

  it('may have a byte order mark, and the line ends of Windows', () => {
    expect(readIgnoreFile('\ufeff# c\r\n a/./b/ \r\n #d\r\n')).toEqual([
      { pattern: 'a/b', line: 2 },
      { pattern: '#d', line: 3 },
    ])
  })

  it('is refused by the line that is malformed', () => {
    const read = () => new IgnoreMatcher(readIgnoreFile('a\n\n!\n'))
    expect(read).toThrow(expect.objectContaining({ code: 'ERR_IGNORE_PATTERN', line: 3 }))
  })
})

describe('patterns', () => {
  it.each([
    [['**'], 'a/b', true],
    [['**/'], 'a', true],
    [['**'], '.git', true],
    [['dir/**'], 'dir/a/b', true],
    [['dir/**'], 'dir', false],
    [['**/dir2/*'], 'dir/dir2/file', true],
    [['**/dir2/*'], 'dir/dir2/dir2/file', true],
    [['**/dir2/**'], 'dir/dir2/a/b', true],
    [['**file'], 'dir/xfile', true],
    [['**/file'], 'dir/xfile', false],
    [['**/file'], 'file', true],
    [['**/*.txt'], 'a/b.txt', true],
    [['**/**/*.txt'], 'b.txt', true],
    [['a**/*.txt'], 'a/b/c.txt', true],
    [['a**/*.txt'], 'dir/a.txt', false],
    [['a/*/b'], 'a/x/b', true],
    [['a/*/b'], 'a/x/y/b', false],
    [['a[b-d]e'], 'ade', true],
    [['a.b'], 'axb', false],
    [['a{b,c}'], 'ab', false],
    [['a{b,c}'], 'a{b,c}', true],
    [['a+(b)|$'], 'a+(b)|$', true],
    [['a?b'], 'a/b', false],
    [['docs'], 'docs/a/b', true],
    [['docs', '!docs/x'], 'docs/x', false],
    [['docs', '!docs/x'], 'docs/x/y', false],
    [['docs', '!docs/x'], 'docs/y', true],
    [['docs', '!docs/x', 'docs'], 'docs/x', true],
    [['*', '!a'], 'a/b', false],
    [['a/b', '!a'], 'a/b', false],
    [['!a', 'a'], 'a', true],
    [['  a/./b/../c  '], 'a/c', true],
    [['.a'], '.a/b', true],
    [['\\*'], 'a', false],
    [['[!a]'], '!', true],
    [['한*'], '한국', true],
    [['?'], '😀', true],
  ] as const)('%j leave out %s: %s', (patterns, path, expected) => {
    const matcher = new IgnoreMatcher(patterns)
    expect(matcher.ignores(path)).toBe(expected)
    expect(walkTo(matcher, path)).toBe(expected)
  })

  it('tell where something below can be wanted after all', () => {
    const matcher = new IgnoreMatcher(['**', '!docs/guide/*.md', '!src/**/keep', '!lib/**'])
    const answers = ['docs', 'docs/guide', 'docs/other', 'documents', 'src', 'src/a/b', 'lib', 'lib/a', 'node_modules']
    expect(answers.filter((directory) => matcher.mustDescend(directory))).toEqual([
      'docs',
      'docs/guide',
      'src',
      'src/a/b',
      'lib',
      'lib/a',
    ])
    expect(new IgnoreMatcher(['**', '!**/keep']).mustDescend('anywhere/at/all')).toBe(true)
  })

  it('are matched soon, also by 60,000 files and by hostile patterns', () => {
    const matcher = new IgnoreMatcher([
      ...['node_modules', '.git', '**/*.log', 'dist/**', '*.md', '!README.md', '**/__tests__/**/*.snap'],
      `${'*a'.repeat(200)}b`,
      `${'**/a'.repeat(200)}b`,
    ])
    const begin = performance.now()
    let ignored = 0
    for (let directory = 0; directory < 600; directory++) {
      const { match } = matcher.enter(`src-${directory}`, null)
      for (let file = 0; file < 100; file++) {
        if (matcher.enter(`src-${directory}/component-${file}.${file % 2 ? 'ts' : 'log'}`, match).ignored) ignored++
      }
    }
    expect(ignored).toBe(30_000)
    expect(matcher.ignores('a'.repeat(4000))).toBe(false)
    expect(performance.now() - begin).toBeLessThan(3000)
  })
})

function walkTo(matcher: IgnoreMatcher, path: string): boolean {
  const parts = path.split('/')
  let entry = { ignored: false, match: null as Uint8Array | null }
  for (const index of parts.keys()) entry = matcher.enter(parts.slice(0, index + 1).join('/'), entry.match)
  return entry.ignored
}
