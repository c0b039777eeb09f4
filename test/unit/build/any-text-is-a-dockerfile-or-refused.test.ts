// SPDX-License-Identifier: Apache-2.0
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the syntax that is tested.
import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { EngineError } from '../../../src/errors/engine-error.js'
import { graphOf } from './graph/graph-of.js'

const directory = new URL('../../fixtures/dockerfile/', import.meta.url)
const seeds = readdirSync(new URL('positive/', directory))
  .map((name) => readFileSync(new URL(`positive/${name}/Dockerfile`, directory)).toString())
  .concat(readFileSync(new URL('extra/heredoc/Dockerfile', directory)).toString())
const pieces = [
  ...[
    '\\',
    '`',
    '"',
    "'",
    '$',
    '${',
    '}',
    ':-',
    '<<',
    '<<-E',
    '\nE\n',
    '\n',
    '\r\n',
    '#',
    '# escape=`\n',
    '--',
    '=',
    ',',
    '[',
    ']',
  ],
  ...[
    '\u0000',
    '\u2028',
    'é',
    '😀',
    '\ufeff',
    '\t',
    ' ',
    '/',
    '..',
    '*',
    '%',
    '{',
    'FROM a\n',
    'ONBUILD ',
    'RUN --mount=',
    'COPY --from=0 ',
  ],
  ...['ARG x=', 'ENV a=$a ', 'ADD https://x/y.git#', 'HEALTHCHECK ', 'EXPOSE 1-9/', '__proto__', '${a/b/c}', '${a##*}'],
]

// Numbers that look random and are the same at every run.
function numbers(seed: number) {
  let state = seed
  return (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

function mutate(text: string, next: (below: number) => number): string {
  let mutated = text
  for (let times = next(6); times >= 0; times--) {
    const at = next(mutated.length + 1)
    const cut = next(3) === 0 ? next(40) : 0
    mutated = mutated.slice(0, at) + (pieces[next(pieces.length)] ?? '') + mutated.slice(at + cut)
  }
  return mutated
}

it('never fails in another way', async () => {
  const next = numbers(1)
  const images = new Proxy({}, { get: (_, name) => (name === 'nowhere' ? undefined : { onBuild: ['RUN x'] }) })
  let built = 0
  for (let round = 0; round < 1500; round++) {
    const text = mutate(seeds[next(seeds.length)] ?? '', next)
    try {
      await graphOf(text, { scope: 'all' }, images)
      built++
    } catch (error) {
      if (!EngineError.is(error)) throw new Error(`on ${JSON.stringify(text)}`, { cause: error })
      if (EngineError.is(error, 'ERR_DOCKERFILE')) {
        const lines = text.split('\n').length
        expect(error.line, error.message).toBeGreaterThanOrEqual(1)
        expect(error.line, error.message).toBeLessThanOrEqual(lines)
        expect(error.column, error.message).toBeGreaterThanOrEqual(1)
      }
    }
  }
  expect(built).toBeGreaterThan(50)
})
