// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { asJsonOrText } from '../../../../src/build/dockerfile/argument-forms.js'
import { type DirectiveName, detectDirective } from '../../../../src/build/dockerfile/directives.js'
import { dumpTree } from '../../../../src/build/dockerfile/dump-tree.js'
import { expandWord } from '../../../../src/build/dockerfile/expand-word.js'
import { parseHeredocWord } from '../../../../src/build/dockerfile/heredoc.js'
import { parseTree } from '../../../../src/build/dockerfile/parse-tree.js'
import { SourceText } from '../../../../src/build/dockerfile/source-text.js'
import { splitWords } from '../../../../src/build/dockerfile/split-words.js'

const directory = new URL('../../../fixtures/dockerfile/', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, directory))
const table = <T>(path: string) => JSON.parse(read(path).toString()) as T
const parse = (content: string | Uint8Array) => parseTree(new SourceText(content))

describe('the tree', () => {
  it.each(readdirSync(new URL('positive/', directory)))('of %s is the expected one', (name) => {
    const { nodes } = parse(read(`positive/${name}/Dockerfile`))
    expect(`${dumpTree(nodes)}\n`).toBe(read(`positive/${name}/result`).toString())
  })

  it.each(readdirSync(new URL('negative/', directory)))('of %s is refused', (name) => {
    expect(() => parse(read(`negative/${name}/Dockerfile`))).toThrow(/file with no instructions/)
  })

  it('knows the lines of its instructions', () => {
    const { children } = table<{ children: readonly (readonly number[])[] }>('line-numbers/expected.json')
    const { nodes } = parse(read('line-numbers/Dockerfile'))
    expect(nodes.map(({ range }) => [range.start.line, range.endLine])).toEqual(children)
  })
})

describe('directives', () => {
  interface Case {
    readonly file: string
    readonly directives?: { readonly escape: string }
    readonly syntax?: string | null
    readonly check?: string | null
    readonly line?: number
  }
  it.each(table<readonly Case[]>('extra/directives.json'))(
    'are found in %j',
    ({ file, directives, line, ...names }) => {
      if (directives) expect(parse(`${file}FROM x\n`).escapeChar).toBe(directives.escape)
      for (const [name, value] of Object.entries(names)) {
        const expected = value === null ? null : { name, value, line }
        expect(detectDirective(name as DirectiveName, file)).toEqual(expected)
      }
    },
  )
})

describe('heredocs', () => {
  it('of the given file are found with their texts', () => {
    const expected =
      table<readonly { instructionIndex: number; heredocs: readonly object[] | null }[]>('extra/heredoc/expected.json')
    const { nodes } = parse(read('extra/heredoc/Dockerfile'))
    for (const { instructionIndex, heredocs } of expected) {
      const found = nodes[instructionIndex]?.heredocs.map(({ line, ...heredoc }) => heredoc)
      expect(found, `instruction ${instructionIndex}`).toEqual(heredocs ?? [])
    }
  })

  const words =
    table<Readonly<Record<'valid_EOF' | 'invalid' | 'notHeredoc', readonly string[]>>>('extra/heredoc/words.json')
  it.each(words.valid_EOF)('%s is one', (word) => expect(parseHeredocWord(word)?.name).toBe('EOF'))
  it.each(words.invalid)('%s is refused', (word) => expect(() => parseHeredocWord(word)).toThrow(/matching/))
  it.each(words.notHeredoc)('%j is none', (word) => expect(parseHeredocWord(word)).toBeNull())
})

describe('arguments', () => {
  const { valid, fallsBackToShellForm } = table<{
    readonly valid: readonly { readonly input: string; readonly expected: readonly string[] }[]
    readonly fallsBackToShellForm: readonly string[]
  }>('extra/json-form.json')
  it.each(valid)('$input is a JSON array', ({ input, expected }) => {
    const parsed = asJsonOrText({ text: input, at: 0 }, '\\')
    expect(parsed).toMatchObject({ json: true })
    expect('args' in parsed && parsed.args.map(({ text }) => text)).toEqual(expected)
  })
  it.each(fallsBackToShellForm)('%s is for the shell', (input) => {
    expect(asJsonOrText({ text: input, at: 0 }, '\\')).toMatchObject({ args: [{ text: input, at: 0 }], json: false })
  })

  it.each(table<readonly { input: string; expected: readonly string[] }[]>('extra/parse-words.json'))(
    '$input is split into words',
    ({ input, expected }) => expect(splitWords({ text: input, at: 0 }, '\\').map(({ text }) => text)).toEqual(expected),
  )
})

describe('words', () => {
  interface Case {
    readonly input: string
    readonly env: Readonly<Record<string, string>>
    readonly expected?: string
    readonly usedVars?: readonly string[]
    readonly undefinedVars?: readonly string[]
  }
  it.each(table<readonly Case[]>('shell-lex/process-word-cases.json'))('%j', ({ input, env, ...expected }) => {
    const expand = () => expandWord(input, new Map(Object.entries(env)), { escapeChar: '\\' })
    if (expected.expected === undefined) {
      expect(expand).toThrow()
      return
    }
    const { text, used, unset } = expand()
    expect(text).toBe(expected.expected)
    expect([...used].sort()).toEqual(expected.usedVars ?? [])
    expect([...unset].sort()).toEqual(expected.undefinedVars ?? [])
  })
})
