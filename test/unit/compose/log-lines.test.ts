// SPDX-License-Identifier: Apache-2.0
import { afterEach, expect, test, vi } from 'vitest'
import { safeLine } from '../../../src/compose/verbs/log-line.js'
import { LogView, type LogViewOptions } from '../../../src/compose/verbs/log-view.js'
import { mergeByTime } from '../../../src/compose/verbs/merge-by-time.js'

afterEach(() => vi.unstubAllEnvs())

const viewed = (lines: readonly (readonly [string, string])[], options: LogViewOptions = {}, isTTY = false): string => {
  let text = ''
  const view = new LogView({ isTTY, write: (piece: string) => (text += piece) }, options)
  view.expect(['web-1', 'database-1'])
  for (const [name, line] of lines) view.show(name, { line, timeNs: 1_700_000_000_000_000_001n })
  view.note('web-1', 'exited with code 0')
  return text
}

test('lines stand behind the names of their containers, in one column', () => {
  expect(
    viewed([
      ['web-1', 'ready'],
      ['database-1', 'up'],
    ]),
  ).toBe('web-1       | ready\ndatabase-1  | up\nweb-1       | exited with code 0\n')
  expect(viewed([['web-1', 'ready']], { prefix: false, timestamps: true })).toBe(
    '2023-11-14T22:13:20.000000001Z ready\nexited with code 0\n',
  )
})

test('names have colours of their own on a terminal, unless NO_COLOR is set', () => {
  const lines = [
    ['web-1', 'a'],
    ['database-1', 'b'],
    ['web-1', 'c'],
  ] as const
  const shown = viewed(lines, {}, true).split('\n')
  expect(shown[0]).toBe('\x1b[36mweb-1       | \x1b[0ma')
  expect(shown[1]).toBe('\x1b[33mdatabase-1  | \x1b[0mb')
  expect(shown[2]).toBe('\x1b[36mweb-1       | \x1b[0mc')
  vi.stubEnv('NO_COLOR', '1')
  expect(viewed(lines, {}, true)).not.toContain('\x1b')
  expect(viewed(lines, { colours: true }, true)).toContain('\x1b[36m')
})

const forged = '\x1b[1A\x1b[2K\x1b[33mdatabase-1  | \x1b[0mall is well'

test('a container cannot write a line that looks like another one’s', () => {
  expect(viewed([['web-1', forged]])).toContain('web-1       | database-1  | all is well\n')
  expect(viewed([['web-1', `x\r${forged}`]], { colours: true })).toContain(
    '\x1b[36mweb-1       | \x1b[0m\x1b[33mdatabase-1  | \x1b[0mall is well\x1b[0m\n',
  )
  expect(viewed([['web-1', forged]], { raw: true })).toContain(`web-1       | ${forged}\n`)
})

test.each([
  ['colours stay where they are wanted, and end', '\x1b[1;31mred', true, '\x1b[1;31mred\x1b[0m'],
  ['colours go elsewhere', '\x1b[1;31mred', false, 'red'],
  ['a title of the terminal', '\x1b]0;mine\x07text', true, 'text'],
  ['a link, ended by ST', '\x1b]8;;http://x\x1b\\text', true, 'text'],
  ['a string without an end', '\x1bPnever ending', true, ''],
  ['a sequence that is cut off', 'text\x1b[3', true, 'text'],
  ['an escape alone', 'a\x1bcb\x1b', true, 'ab'],
  ['control characters of both sets, not the tab', 'a\b\x7f\x9b\x00\tb\x0b', true, 'a\tb'],
  ['directions and separators', 'a\u202eb\u2028c\u2066', true, 'abc'],
  ['a progress bar', '10%\r50%\r100%\r', true, '100%'],
])('%s', (_, line, colours, text) => {
  expect(safeLine(line, { colours })).toBe(text)
})

test('a line of megabytes takes no longer than its length', () => {
  const began = performance.now()
  safeLine('\x1b]'.repeat(500_000), { colours: true })
  safeLine('\x1b['.repeat(500_000), { colours: true })
  expect(performance.now() - began).toBeLessThan(2000)
})

test('logs are merged in the order of time, and given back when the loop is left', async () => {
  const closed: string[] = []
  async function* source(name: string, ...times: number[]) {
    try {
      for (const time of times) yield { name, timeNs: BigInt(time) }
    } finally {
      closed.push(name)
    }
  }
  const merged: string[] = []
  for await (const { name, timeNs } of mergeByTime([source('a', 1, 4, 5), source('b'), source('c', 2, 3, 4, 9)])) {
    merged.push(`${name}${timeNs}`)
    if (timeNs === 5n) break
  }
  expect(merged).toEqual(['a1', 'c2', 'c3', 'a4', 'c4', 'a5'])
  expect(closed.sort()).toEqual(['a', 'b', 'c'])
})
