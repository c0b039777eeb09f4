// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import { EngineError } from '../../../../src/errors/engine-error.js'
import { refusalOf } from './graph-of.js'

const stages = 'FROM debian AS builder\nFROM debian AS runner\n'

// As a host without the internet finds names of images.
const unreachable = {
  resolveImage: async (reference: string) => {
    if (reference.includes('/debian'))
      return {
        reference,
        document: { platform: { os: 'linux', architecture: 'amd64' }, config: {}, diffIds: [], history: [] },
      }
    throw new EngineError({ code: 'ERR_REGISTRY_HOST_UNKNOWN', message: 'registry-1.docker.io: no such host' })
  },
}

test.each([
  ['a stage in COPY', `${stages}COPY --from=bulder /a /b\n`, {}, 3, 'did you mean builder?'],
  [
    'a stage in COPY, where no registry is reached',
    `${stages}COPY --from=bulder /a /b\n`,
    unreachable,
    3,
    'did you mean builder?',
  ],
  ['a stage in a mount', `${stages}RUN --mount=type=bind,from=runer,target=/x true\n`, {}, 3, 'did you mean runner?'],
  ['a stage in FROM', `${stages}FROM buidler\n`, unreachable, 3, 'did you mean builder?'],
  ['an instruction', `${stages}COPYY a b\n`, {}, 3, 'did you mean COPY?'],
  ['a flag', `${stages}COPY --frm=builder a b\n`, {}, 3, 'did you mean --from?'],
])('%s', async (_, content, options, line, hint) => {
  const error = await refusalOf(content, options)
  expect(error).toMatchObject({ code: 'ERR_DOCKERFILE', line, hint: expect.stringContaining(hint) })
  // The line itself is shown, with a mark below it.
  expect(error.message).toMatch(/^Dockerfile:3:\d+: [\s\S]*\n {2}3 \| .*\n {4}\| +\^$/)
})

test('a stage that is not above, where no registry is reached', async () => {
  expect(
    await refusalOf('FROM later\nFROM debian AS later\nFROM 0\n', { ...unreachable, target: undefined, scope: 'all' }),
  ).toMatchObject({
    code: 'ERR_DOCKERFILE',
    line: 1,
    hint: expect.stringContaining('move the stage up'),
  })
})

test.each([
  ['a stage that copies from itself', 'FROM debian AS a\nCOPY --from=a / /\n'],
  [
    'two stages that copy from each other',
    'FROM debian AS a\nCOPY --from=b / /\nFROM debian AS b\nCOPY --from=a / /\n',
  ],
  ['a circle of three', 'FROM debian AS a\nCOPY --from=c / /\nFROM a AS b\nFROM b AS c\n'],
])('a circle is refused: %s', async (_, content) => {
  expect(await refusalOf(content)).toMatchObject({
    code: 'ERR_DOCKERFILE',
    message: expect.stringMatching(/circ|cycl/i),
  })
})

test('a target that is no stage is told with the one that was likely meant', async () => {
  expect(await refusalOf(stages, { target: 'runer' })).toMatchObject({
    code: 'ERR_INVALID_ARGUMENT',
    option: 'target',
    hint: 'did you mean runner?',
  })
  expect(await refusalOf(stages, { target: 'wholly-else' })).toMatchObject({ hint: 'there are builder, runner' })
})
