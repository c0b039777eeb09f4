// SPDX-License-Identifier: Apache-2.0
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: a variable that is none is what is tested.
import { describe, expect, it } from 'vitest'
import type { BuildFunction } from '../../../src/build/code/build-tools.js'
import { describeBuild } from '../../../src/build/code/describe-build.js'
import { buildGraph } from '../../../src/build/graph/build-graph.js'
import { EngineError } from '../../../src/errors/engine-error.js'
import { digestOf } from '../../../src/oci/digest.js'
import { deeds, graphOf, step, steps } from './graph/graph-of.js'

async function graph(build: BuildFunction) {
  const { file, explain } = await describeBuild(build)
  return await buildGraph(file, {
    buildPlatform: { os: 'linux', architecture: 'amd64' },
    resolveImage: async (reference, platform) => {
      const name = /^docker\.io\/library\/(.*):latest$/.exec(reference)?.[1] ?? reference
      if (name === 'nowhere') throw new EngineError({ code: 'ERR_IMAGE_NOT_FOUND', message: 'no image nowhere' })
      const history = [{ createdBy: `made ${name}` }]
      return {
        reference: `${reference}@${digestOf(name)}`,
        document: { platform, config: {}, diffIds: [digestOf(name)], history },
      }
    },
  }).catch((error) => {
    throw explain(error)
  })
}

async function refusal(build: BuildFunction): Promise<EngineError> {
  try {
    await graph(build)
  } catch (error) {
    if (EngineError.is(error)) return error
    throw error
  }
  throw new Error('not refused')
}

describe('a build function', () => {
  it('describes what a Dockerfile would, with the same keys and the same history', async () => {
    const code = await graph(({ from, run, copy, env, workdir, cmd, entrypoint, user, label, expose, volume }) => {
      const built = from(
        'alpine',
        workdir('/src'),
        copy('.', { to: '.' }),
        run('make', { mounts: [{ type: 'cache', target: '/c' }] }),
      )
      return from(
        'debian',
        env({ A: 'b c' }),
        copy(['/src/out', '/src/lib'], { from: built, to: '/app/', chown: '1:2', link: true }),
        run(['a', 'b']),
        user('me'),
        label({ x: 'y' }),
        expose(80, '53/udp'),
        volume('/v'),
        entrypoint(['e']),
        cmd('c'),
      )
    })
    const file = await graphOf(
      [
        'FROM alpine AS built',
        'WORKDIR /src',
        'COPY . .',
        'RUN --mount=type=cache,target=/c make',
        'FROM debian',
        'ENV A="b c"',
        'COPY --from=built --chown=1:2 --link /src/out /src/lib /app/',
        'RUN ["a", "b"]',
        'USER me',
        'LABEL x=y',
        'EXPOSE 80 53/udp',
        'VOLUME /v',
        'ENTRYPOINT ["e"]',
        'CMD c',
      ].join('\n'),
    )
    expect(code.root.key).toBe(file.root.key)
    expect(code.config).toEqual({ ...file.config, exposedPorts: ['80/tcp', '53/udp'] })
    expect(deeds(code).filter((deed) => !deed.startsWith('EXPOSE'))).toEqual(
      deeds(file).filter((deed) => !deed.startsWith('EXPOSE')),
    )
  })

  it('means its words as they are', async () => {
    const { root, config } = await graph(({ from, run, env, copy, writeFile }) =>
      from(
        'alpine',
        env({ A: '$HOME "x"' }),
        run('echo ${A}'),
        copy('$a', { to: '/\\b' }),
        writeFile('$c\n', { to: '/d' }),
      ),
    )
    expect(config.env).toContain('A=$HOME "x"')
    expect(step(root, 'run').args).toEqual(['/bin/sh', '-c', 'echo ${A}'])
    const [first, second] = steps(root, 'copy')
    expect([first, second].map((copied) => copied?.destination).sort()).toEqual(['/\\b', '/d'])
    expect(step(root, 'inline').files).toEqual([{ name: 'd', data: '$c\n', mode: 0o644 }])
  })

  it('makes steps once that several stages need', async () => {
    const { root, stages } = await graph(({ from, run, copy }) => {
      const base = from('alpine', run('base'))
      const [one, two] = [base.with(run('one')), base.with(run('two'))]
      return from('scratch', copy('/', { from: one, to: '/1' }), copy('/', { from: two, to: '/2' }))
    })
    expect(
      steps(root, 'run')
        .map(({ args }) => args.at(-1))
        .sort(),
    ).toEqual(['base', 'one', 'two'])
    expect(stages).toHaveLength(4)
  })

  it('has mounts of all kinds', async () => {
    const { root } = await graph(({ from, run }) =>
      from({ image: 'alpine', platform: 'linux/arm64' }).with(
        run('x', {
          network: 'none',
          mounts: [
            { type: 'bind', target: '/a', from: from('debian'), source: '/x,"y"' },
            { type: 'tmpfs', target: '/b', size: '1MiB' },
            { type: 'secret', id: 's', env: 'S' },
            { type: 'cache', target: '/c', from: '7', mode: 0o700, sharing: 'locked' },
          ],
        }),
      ),
    )
    expect(step(root, 'run')).toMatchObject({ network: 'none', platform: { architecture: 'arm64' } })
    expect(step(root, 'run').mounts).toMatchObject([
      { kind: 'bind', source: '/x,"y"', from: { kind: 'image', reference: expect.stringMatching(/debian/) } },
      { kind: 'tmpfs', sizeBytes: 1024 * 1024 },
      { kind: 'secret', id: 's', env: 'S', target: undefined },
      { kind: 'cache', mode: 0o700, sharing: 'locked', from: { kind: 'image' } },
    ])
  })

  it.each<readonly [string, BuildFunction, string]>([
    ['run', ({ from, run }) => from('alpine', run('x', { mounts: [{ type: 'bind', target: '/' }] })), 'run'],
    ['copy', ({ from, copy }) => from('alpine', copy('a', { to: '/', chmod: '9' })), 'copy'],
    ['expose', ({ from, expose }) => from('alpine', expose('x')), 'expose'],
    ['stopSignal', ({ from, stopSignal }) => from('alpine', stopSignal('x')), 'stopsignal'],
    ['from', ({ from }) => from('ALPINE'), 'from'],
    ['a platform', ({ from }) => from({ image: 'alpine', platform: 'x/y/z/w' }), 'from'],
    [
      'an option that there is none',
      ({ from, copy }) => from('alpine', copy('a', { to: '/', chwon: '1' } as never)),
      'chwon',
    ],
    [
      'a mount that there is none',
      ({ from, run }) => from('alpine', run('x', { mounts: [{ type: 'x' } as never] })),
      'mounts[0].type',
    ],
    ['a result that is no stage', () => 'alpine' as never, 'build'],
  ])('is refused for %s', async (_, build, option) => {
    expect(await refusal(build)).toMatchObject({ code: 'ERR_INVALID_ARGUMENT', option })
  })

  it('says where it asked for what cannot be', async () => {
    const wrong = await refusal(({ from, run }) =>
      from('alpine', run('x', { mounts: [{ type: 'bind', target: '/' }] })),
    )
    expect(wrong.message).toMatch(/^\S+\/builds-are-described-in-code\.test\.ts:\d+:\d+: 'RUN x': /)
    const { root } = await graph(({ from, run }) => from('alpine').with(run('x')))
    expect(step(root, 'run').origin).toMatchObject({
      file: expect.stringMatching(/\/builds-are-described-in-code\.test\.ts$/),
      stage: expect.any(String),
    })
  })

  it('passes errors of images on', async () => {
    expect(await refusal(({ from }) => from('nowhere'))).toMatchObject({ code: 'ERR_IMAGE_NOT_FOUND' })
  })
})
