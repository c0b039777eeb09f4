// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { dumpTree } from '../../../../src/build/dockerfile/dump-tree.js'
import { parseTree } from '../../../../src/build/dockerfile/parse-tree.js'
import { SourceText } from '../../../../src/build/dockerfile/source-text.js'
import { EngineError } from '../../../../src/errors/engine-error.js'

const parse = (content: string | Uint8Array) => parseTree(new SourceText(content))
const dump = (content: string) => dumpTree(parse(content).nodes).split('\n')

function refusal(content: string | Uint8Array) {
  try {
    parse(content)
  } catch (error) {
    if (EngineError.is(error, 'ERR_DOCKERFILE')) return error
    throw error
  }
  throw new Error('not refused')
}

describe('a file', () => {
  it('may begin with a byte order mark and have the line ends of Windows', () => {
    expect(dump('\ufeff# escape=`\r\nFROM a\r\nRUN b `\r\n  c\r\n')).toEqual(['(from "a")', '(run "b   c")'])
  })

  it('keeps the line ends of heredocs', () => {
    const [node] = parse('RUN <<E\r\na\r\nb\r\nE\r\n').nodes
    expect(node?.heredocs[0]?.content).toBe('a\r\nb\r\n')
  })

  it('loses comments inside continued lines', () => {
    expect(dump('RUN a \\\n# c\\\n  # d\n b')).toEqual(['(run "a  b")'])
  })

  it('notes empty lines inside continued ones', () => {
    expect(parse('RUN a \\\n\n b\nRUN c').emptyContinuations).toEqual([3])
  })

  it('has a comment of several lines above an instruction', () => {
    const [node] = parse('# one\n#\n# two\n# three\nARG x').nodes
    expect(node?.comments).toEqual(['two', 'three'])
    expect(parse('# syntax=x\n# one\nARG x').nodes[0]?.comments).toEqual(['one'])
    expect(parse('# one\n\nARG x').nodes[0]?.comments).toEqual([])
  })

  it('may have lines of 65,535 bytes, not longer ones', () => {
    const line = (length: number) => `RUN ${'é'.repeat((length - 5) / 2)}x\n`
    expect(parse(line(65_535)).nodes).toHaveLength(1)
    expect(refusal(`FROM a\n${line(65_537)}`)).toMatchObject({ line: 2, message: expect.stringMatching(/65535 bytes/) })
  })

  it('is refused by its size alone', () => {
    expect(refusal(Buffer.alloc(100 * 1024 * 1024, '#\n')).message).toMatch(/104857600 bytes are too many/)
  })

  it('is refused where it is not UTF-8 and that matters', () => {
    const latin = (text: string) => Buffer.from(text, 'latin1')
    expect(parse(latin('# \xfcber\nFROM a')).nodes).toHaveLength(1)
    expect(refusal(latin('FROM a\nRUN \\\n  \xfc'))).toMatchObject({ line: 3, column: 3 })
  })

  it('is refused with more instructions than any image has layers', () => {
    expect(refusal('FROM a\n'.repeat(100_000)).message).toMatch(/more than 10000 instructions/)
  })
})

describe('heredocs', () => {
  it('of ONBUILD are read', () => {
    const [node] = parse('ONBUILD RUN <<E\na\nE').nodes
    expect(node?.heredocs).toMatchObject([{ name: 'E', content: 'a\n' }])
  })

  it('may stand apart from their name', () => {
    expect(parse('RUN cat << E > f\na\nE\n').nodes[0]?.heredocs).toMatchObject([{ name: 'E', content: 'a\n' }])
    expect(parse('RUN cat <<- E > f\na\n\tE\n').nodes[0]?.heredocs).toMatchObject([{ name: 'E', chomp: true }])
  })

  it('are none in JSON, in quotes, or in a line no shell could read', () => {
    for (const line of ['RUN ["<<E"]', 'RUN "<<E"', 'RUN <<<E', "RUN <<E it's", 'CMD <<E']) {
      expect(parse(line).nodes[0]?.heredocs, line).toEqual([])
    }
  })

  it('without an end are refused where they begin', () => {
    expect(refusal('FROM a\nRUN <<E\na\n E\n')).toMatchObject({
      line: 2,
      column: 1,
      hint: expect.stringMatching(/alone/),
    })
  })
})

describe('an error', () => {
  it('shows the line and the place', () => {
    const { message, line, column } = refusal('FROM a\nENV a=b \\\n    c')
    expect({ line, column }).toEqual({ line: 3, column: 5 })
    expect(message).toMatch(/^Dockerfile:3:5: can't find = in 'c'.*\n {2}3 \| {5}c\n {4}\| {5}\^$/)
  })

  it.each([
    ['# escape=\\\n# escape=`\nFROM a', 2, /only one escape/],
    ['# escape=x\nFROM a', 1, /invalid escape token/],
    ['ENV a', 1, /ENV must have two arguments/],
    [`${'ONBUILD '.repeat(8000)}`, 1, /Chaining ONBUILD/],
  ])('in %j is on its line', (content, line, message) => {
    expect(refusal(content)).toMatchObject({ line, message: expect.stringMatching(message) })
  })
})
