// SPDX-License-Identifier: Apache-2.0
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the syntax that is tested.
import fc from 'fast-check'
import { expect } from 'vitest'
import { dumpTree } from '../../../src/build/dockerfile/dump-tree.js'
import { parseDockerfile } from '../../../src/build/dockerfile/parse-dockerfile.js'
import { parseTree } from '../../../src/build/dockerfile/parse-tree.js'
import { SourceText } from '../../../src/build/dockerfile/source-text.js'
import { splitCsv } from '../../../src/build/dockerfile/split-csv.js'
import { IgnoreMatcher } from '../../../src/build/ignore/ignore-matcher.js'
import { readIgnoreFile } from '../../../src/build/ignore/read-ignore-file.js'
import { EngineError } from '../../../src/errors/engine-error.js'
import { holds } from '../../support/cases.js'
import { unlessRefused } from '../../support/refusals.js'
import { textOf } from './arbitraries.js'

const words = [
  'FROM a\n',
  'FROM a AS b\n',
  'RUN ',
  'COPY ',
  'ADD ',
  'ENV ',
  'ARG ',
  'LABEL ',
  'ONBUILD ',
  'HEALTHCHECK ',
  'SHELL ',
  'CMD ',
  '["a", "b"]',
  'EXPOSE 80/tcp',
  'USER a:b',
  '--from=b ',
  '--mount=type=cache,target=/x ',
  '--chown=1:1 ',
]
const signs = [
  '\n',
  '\r\n',
  '\\\n',
  ' ',
  '\t',
  '#',
  '# escape=`\n',
  '`\n',
  '"',
  "'",
  '$',
  '${a:-b}',
  '${a',
  '=',
  '<<E\n',
  '<<-"E" ',
  'E\n',
  '\ufeff',
  '/',
  '..',
  ',',
  '[',
  ']',
]
const dockerfile = textOf([...words, ...signs], 20)

holds(
  'any text is instructions, whose dump is the same each time, or refused with the place',
  fc.property(dockerfile, (text) => {
    try {
      const dumps = [parseTree(new SourceText(text)), parseTree(new SourceText(text))].map(({ nodes }) =>
        dumpTree(nodes),
      )
      expect(dumps[0]).toBe(dumps[1])
      parseDockerfile(text)
    } catch (error) {
      if (!EngineError.is(error, 'ERR_DOCKERFILE')) throw error
      expect(error.line).toBeGreaterThanOrEqual(1)
      expect(error.line).toBeLessThanOrEqual(text.split('\n').length)
      expect(error.column).toBeGreaterThanOrEqual(1)
    }
  }),
  500,
)

holds(
  'bytes that are no text are refused in the same way',
  fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
    unlessRefused(['ERR_DOCKERFILE'], () => parseDockerfile(bytes))
  }),
)

holds(
  'a long text takes no longer than its length says',
  fc.property(fc.constantFrom(...words, ...signs), fc.constantFrom(...words, ...signs), (one, other) => {
    const text = `FROM a\nRUN ${(one + other).repeat(2000)}`
    const started = performance.now()
    unlessRefused(['ERR_DOCKERFILE'], () => parseDockerfile(text))
    expect(performance.now() - started).toBeLessThan(5000)
  }),
  50,
)

holds(
  'what is written as CSV is read as it was',
  fc.property(
    fc.array(
      fc.string({ maxLength: 6 }).map((text) => text.replaceAll(/[\r\n]/g, '')),
      { minLength: 2, maxLength: 4 },
    ),
    (fields) => {
      expect(splitCsv(fields.map((field) => `"${field.replaceAll('"', '""')}"`).join(','))).toEqual(fields)
    },
  ),
)

const parts = ['a', 'b', 'ab', '*', '**', '?', '[a-b]', '[^a]', '\\*', '/', '.', '!', '.md']
const path = fc
  .array(fc.constantFrom('a', 'b', 'ab', 'a.md', 'c'), { minLength: 1, maxLength: 4 })
  .map((names) => names.join('/'))

holds(
  'a walk leaves out what the whole path says, and descends wherever something is taken back',
  fc.property(fc.array(textOf(parts, 6), { maxLength: 5 }), path, (patterns, name) => {
    const matcher = unlessRefused(['ERR_IGNORE_PATTERN'], () => new IgnoreMatcher(patterns))
    if (matcher === undefined) return
    const steps = name.split('/').map((_, depth, all) => all.slice(0, depth + 1).join('/'))
    let entry = matcher.enter(steps[0] ?? '', null)
    for (const [depth, step] of steps.entries()) {
      if (depth > 0) entry = matcher.enter(step, entry.match)
      expect(entry.ignored).toBe(matcher.ignores(step))
      const left = steps.slice(0, depth).filter((above) => matcher.ignores(above))
      if (!entry.ignored) expect(left.every((above) => matcher.mustDescend(above))).toBe(true)
    }
  }),
  1000,
)

holds(
  'an ignore file of any bytes is patterns or refused',
  fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
    unlessRefused(['ERR_IGNORE_PATTERN'], () => new IgnoreMatcher(readIgnoreFile(bytes)))
  }),
)
