// SPDX-License-Identifier: Apache-2.0
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a Dockerfile in plain strings, which is the syntax that is tested.
import { describe, expect, test } from 'vitest'
import { parseDockerfile } from '../../../../src/build/dockerfile/parse-dockerfile.js'
import { slow } from '../../../support/slow.js'
import { graphOf, refusalOf } from '../graph/graph-of.js'

const refusedSoon = async (content: string, images?: Parameters<typeof refusalOf>[2]) => {
  const began = performance.now()
  const { code, message } = await refusalOf(content, {}, images)
  expect(performance.now() - began).toBeLessThan(3000 * slow)
  // A message that shows the whole bomb is one itself.
  expect(message.length).toBeLessThan(2000)
  return `${code} ${message}`
}

describe('a Dockerfile', () => {
  test('of a hundred megabytes is refused by its size', async () => {
    const text = `FROM debian\n${'RUN true\n'.repeat(11_700_000)}`
    expect(text.length).toBeGreaterThan(100_000_000)
    expect(await refusedSoon(text)).toMatch(/^ERR_DOCKERFILE .*too many/)
    expect(() => parseDockerfile(Buffer.from(text))).toThrow('too many')
  })

  test.each([
    ['a million instructions', `FROM debian\n${'RUN true\n'.repeat(1_000_000)}`],
    ['a hundred thousand stages', 'FROM debian\n'.repeat(100_000)],
    ['a line of a megabyte', `FROM debian\nRUN ${'x'.repeat(1_000_000)}\n`],
    ['a word that doubles fifty times', `FROM debian\nENV A=aaaaaaaaaa\n${'ENV A=$A$A\n'.repeat(50)}`],
    ['labels that double', `FROM debian\nENV A=${'a'.repeat(60_000)}\n${'LABEL l=$A$A$A$A$A$A$A$A\n'.repeat(1000)}`],
    ['an environment without end', `FROM debian\n${Array.from({ length: 9000 }, (_, n) => `ENV V${n}=x\n`).join('')}`],
    ['ONBUILD in ONBUILD', `FROM debian\n${'ONBUILD '.repeat(5000)}RUN true\n`],
    ['heredocs without end', `FROM debian\nRUN ${'<<E '.repeat(10_000)}\n`],
    ['substitutions in substitutions', `FROM debian\nRUN --network=${'${a:-'.repeat(10_000)} true\n`],
  ])('with %s is refused soon', async (_, content) => {
    expect(await refusedSoon(content)).toMatch(/^ERR_DOCKERFILE /)
  })

  test('with heredocs that nobody wants is read in one go', async () => {
    const began = performance.now()
    await graphOf(`FROM debian\n${`RUN <<E\n${'# <<E\n'.repeat(200)}E\n`.repeat(2000)}`).catch(() => {})
    expect(performance.now() - began).toBeLessThan(3000 * slow)
  })
})

describe('a base image', () => {
  test('with more triggers than any has is refused', async () => {
    const onBuild = Array.from({ length: 5000 }, (_, n) => `RUN ${n}`)
    expect(await refusedSoon('FROM bomb\n', { bomb: { onBuild } })).toContain('more than 2000 ONBUILD triggers')
  })

  test('whose few triggers come with every stage is refused', async () => {
    const onBuild = Array.from({ length: 1000 }, () => 'COPY --from=bomb / /')
    const stages = Array.from({ length: 400 }, (_, n) => `FROM bomb AS t${n}\n`).join('')
    const uses = Array.from({ length: 400 }, (_, n) => `COPY --from=t${n} / /\n`).join('')
    expect(await refusedSoon(`${stages}FROM scratch\n${uses}`, { bomb: { onBuild } })).toContain('ONBUILD triggers')
  })

  test.each([
    ['a loop through the stage itself', { onBuild: ['COPY --from=own / /'] }, 'FROM loop AS own\n'],
    ['FROM', { onBuild: ['FROM debian'] }, 'FROM loop\n'],
    ['ONBUILD', { onBuild: ['ONBUILD RUN true'] }, 'FROM loop\n'],
    ['two lines', { onBuild: ['RUN true\nRUN false'] }, 'FROM loop\n'],
    ['what is no instruction', { onBuild: ['WHAT ever'] }, 'FROM loop\n'],
    ['a heredoc that has no end', { onBuild: ['RUN <<E'] }, 'FROM loop\n'],
  ])('whose trigger is %s is refused', async (_, loop, content) => {
    expect(await refusedSoon(content, { loop })).toMatch(/^ERR_DOCKERFILE /)
  })

  test('whose variables have names that mean something to JavaScript is like any other', async () => {
    const env = ['__proto__=x', 'constructor=y', 'toString=z']
    const { config } = await graphOf(
      'FROM odd\nENV hasOwnProperty=1\nLABEL __proto__=l a=$constructor\n',
      {},
      { odd: { env } },
    )
    expect(config.env).toEqual(expect.arrayContaining([...env, 'hasOwnProperty=1']))
    expect(Object.entries(config.labels ?? {})).toEqual(expect.arrayContaining([['a', 'y']]))
    expect(({} as Record<string, unknown>).x).toBeUndefined()
  })
})
