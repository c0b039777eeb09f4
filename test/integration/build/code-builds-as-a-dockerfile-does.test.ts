// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { type BuildFunction, type BuildProgress, Container, Image } from '../../../src/index.js'
import { useTestEngine } from '../../support/test-engine.js'
import { makeRootfs, makeTar } from '../image/rootfs.js'

const host = useTestEngine()
const box = '/bin/busybox'

beforeAll(async () => {
  const rootfs = await makeRootfs(join(host.directory, 'rootfs'))
  await Image.import(await makeTar(rootfs, join(host.directory, 'rootfs.tar')), { engine: host.engine, tag: 'base:1' })
})

const context = { a: 'one\n', 'sub/b': 'two\n', ignored: 'x', '.dockerignore': 'ignored\n.dockerignore\n' }
const dockerfileText = `FROM base:1 AS made
WORKDIR /src
COPY . .
RUN --mount=type=secret,id=token,env=TOKEN ${box} cat a sub/b > /made
FROM base:1
COPY --from=made --chmod=600 /made /result
ENV WHO=me
CMD ["${box}", "cat", "/result"]
`
const inCode: BuildFunction = ({ from, workdir, copy, run, env, cmd }) => {
  const made = from(
    'base:1',
    workdir('/src'),
    copy('.', { to: '.' }),
    run(`${box} cat a sub/b > /made`, { mounts: [{ type: 'secret', id: 'token', env: 'TOKEN' }] }),
  )
  return from('base:1', copy('/made', { from: made, to: '/result', chmod: '600' }), env({ WHO: 'me' })).with(
    cmd([box, 'cat', '/result']),
  )
}

test('a build in code is the image of the Dockerfile that says the same, and finds what that did', async () => {
  const options = { engine: host.engine, context, secrets: { token: 'hush' } }
  const file = await Image.build({ ...options, dockerfileText })
  const types: BuildProgress['type'][] = []
  const code = await Image.build(inCode, {
    ...options,
    tags: ['coded:1'],
    onProgress: ({ type }) => void types.push(type),
  })
  expect([code.digest, code.id]).toEqual([file.digest, file.id])
  expect(types).toEqual(['graph', 'cached', 'image'])
  const fresh = await Image.build(inCode, { ...options, noCache: true })
  expect(fresh.layers.map(({ diffId }) => diffId)).toHaveLength(file.layers.length)
  const { stdout } = await Container.runOnce('coded:1', [box, 'ls', '/src', '/result'], {
    engine: host.engine,
    network: 'none',
    check: false,
  })
  expect(stdout).toBe('/result\n')
})

test('what fails says where in the program it was asked for', async () => {
  const here = /^\S+\/code-builds-as-a-dockerfile-does\.test\.ts:\d+: /
  const failing = Image.build(({ from, run }) => from('base:1', run('echo oops; exit 3')), { engine: host.engine })
  await expect(failing).rejects.toMatchObject({
    code: 'ERR_BUILD_FAILED',
    message: expect.stringMatching(new RegExp(`${here.source}.*ended with 3[\\s\\S]*oops`)),
  })
  const missing = Image.build(({ from, copy }) => from('base:1', copy('nothing', { to: '/' })), {
    engine: host.engine,
    context,
  })
  await expect(missing).rejects.toMatchObject({
    code: 'ERR_FILE_NOT_FOUND',
    message: expect.stringMatching(here),
  })
})

test.each([
  ['target', { target: 'x' }],
  ['dockerfileText', { dockerfileText: 'FROM x' }],
  ['args.VERSION', { args: { VERSION: '1' } }],
  ['noCache', { noCache: ['stage'] }],
])('an option that only a Dockerfile gives a meaning is refused: %s', async (option, options) => {
  const building = Image.build(({ from }) => from('base:1'), { engine: host.engine, ...(options as object) })
  await expect(building).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT', option })
})
