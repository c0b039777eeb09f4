// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { usedPaths } from '../../../../src/build/graph/used-paths.js'
import { graphOf, refusalOf, step, steps } from './graph-of.js'

describe('RUN', () => {
  const run = async (lines: string) => step((await graphOf(`FROM alpine\n${lines}`)).root, 'run')

  it('of an array has no shell', async () => {
    expect((await run('RUN ["a", "b c"]')).args).toEqual(['a', 'b c'])
  })

  it('of a heredoc runs its text in the shell, or as a script', async () => {
    expect((await run('RUN <<E\na $b\nE')).args).toEqual(['/bin/sh', '-c', 'a $b\n'])
    expect((await run('RUN <<-E\n\ta\nE')).args).toEqual(['/bin/sh', '-c', 'a\n'])
    expect((await run('RUN cat <<A <<B > c\na\nA\nb\nB')).args).toEqual([
      '/bin/sh',
      '-c',
      'cat <<A <<B > c\na\nA\nb\nB',
    ])
    const script = await run('RUN <<E\n#!/usr/bin/env python3\nprint(1)\nE')
    expect(script.args).toEqual(['/bin/sh', '-c', '/dev/pipes/E'])
    expect(script.mounts).toMatchObject([
      { kind: 'bind', target: '/dev/pipes', readOnly: true, from: { files: [{ name: 'E', mode: 0o755 }] } },
    ])
  })

  it('has mounts with the defaults of their kinds', async () => {
    const mounts = [
      'target=a',
      'type=bind,from=alpine,source=../x,dst=/b,rw',
      'type=cache,target=/c/./d/,uid=1,mode=0700',
      'type=cache,id=i,dst=/e,sharing=locked,ro',
      'type=tmpfs,target=/f,size=64m',
      'type=secret,id=s',
      'type=secret,id=s,env=S',
      'type=secret,src=t,target=/g,env,required'.replace(',env,', ',env=,'),
      'type=ssh',
      '"type=secret","id=a,b","target=$T"',
    ]
    const flags = mounts.map((mount) => `--mount='${mount}'`).join(' ')
    const { mounts: made } = await run(`WORKDIR /w\nENV T=/t\nRUN ${flags} x`)
    expect(made).toMatchObject([
      { kind: 'bind', target: '/w/a', source: '/', readOnly: true, from: { kind: 'context' } },
      { kind: 'bind', target: '/b', source: '/x', readOnly: false, from: { kind: 'image' } },
      {
        kind: 'cache',
        target: '/c/d',
        id: '/c/d',
        sharing: 'shared',
        uid: 1,
        mode: 0o700,
        from: null,
        readOnly: false,
      },
      { kind: 'cache', target: '/e', id: 'i', sharing: 'locked', readOnly: true },
      { kind: 'tmpfs', target: '/f', sizeBytes: 64 * 1024 * 1024 },
      { kind: 'secret', id: 's', target: '/run/secrets/s', required: false },
      { kind: 'secret', id: 's', target: undefined, env: 'S' },
      { kind: 'secret', id: 't', target: '/g', env: 't', required: true },
      { kind: 'ssh', id: 'default', target: undefined },
      { kind: 'secret', id: 'a,b', target: '/t' },
    ])
  })

  it.each([
    ['type=bnd,target=/a', /unsupported mount type/, 'did you mean bind?'],
    ['type=bind,tagret=/a', /unexpected key 'tagret'/, 'did you mean target?'],
    ['type=cache,target=/a,sharing=lock', /unsupported sharing/, 'did you mean locked?'],
    ['type=bind', /invalid mount target '\/'/, 'give target=/path'],
    ['type=secret', /one of source, target required/, 'give id=name'],
    ['type=secret,id=a,source=b', /both source and id/, undefined],
    ['type=bind,target=/a,uid=1', /uid not allowed/, undefined],
    ['type=bind,target=/a,required', /unexpected key 'required'/, expect.anything()],
    ['type=bind,target', /must be a key=value pair/, undefined],
    ['type=tmpfs,target=/a,size=big', /invalid value for size/, expect.anything()],
    ['type=cache,target=/a,mode=9', /invalid value 9 for mode/, undefined],
    ['"type=bind', /quote/, undefined],
  ])('with %s is refused', async (mount, message, hint) => {
    const error = await refusalOf(`FROM alpine\nRUN --mount='${mount}' x`)
    expect(error).toMatchObject({ code: 'ERR_DOCKERFILE', line: 2, column: 5, message: expect.stringMatching(message) })
    expect(error.hint).toEqual(hint)
  })

  it('has a key of what it sees, not of where caches are', async () => {
    const key = async (line: string) => (await run(line)).key
    const cached = await key('RUN --mount=type=cache,target=/a x')
    expect(await key('RUN --mount=type=cache,target=/a,id=b,sharing=locked  x')).toBe(cached)
    expect(await key('RUN --mount=type=cache,target=/b x')).not.toBe(cached)
    expect(await key('# comment\nRUN x')).toBe(await key('RUN x'))
    for (const other of ['RUN y', 'ENV a=b\nRUN x', 'USER 1\nRUN x', 'RUN --network=none x', 'SHELL ["a"]\nRUN x']) {
      expect(await key(other)).not.toBe(await key('RUN x'))
    }
  })
})

describe('WORKDIR', () => {
  it('is made, by the user of the moment', async () => {
    const { root } = await graphOf('FROM alpine\nWORKDIR /a\nUSER me\nWORKDIR b\nWORKDIR /')
    expect(steps(root, 'mkdir')).toMatchObject([
      { path: '/a', user: undefined },
      { path: '/a/b', user: 'me' },
    ])
  })
})

describe('a graph', () => {
  it('knows what is looked at in the context', async () => {
    const { root } = await graphOf(
      'FROM alpine\nCOPY a b/c /\nCOPY --parents d/./e /\nRUN --mount=source=f,target=/g x',
    )
    expect([...(usedPaths(root).get('context') ?? [])].sort()).toEqual(['/a', '/b/c', '/d/e', '/f'])
  })

  it('knows where its steps stand', async () => {
    const { root } = await graphOf('FROM alpine AS a\n\nRUN b \\\n c')
    expect(root.origin).toEqual({
      file: 'Dockerfile',
      range: { start: { line: 3, column: 1 }, endLine: 4 },
      text: 'RUN b  c',
      stage: 'a',
    })
    expect(Object.isFrozen(root)).toBe(true)
  })

  it('of thousands of stages is made soon', async () => {
    const lines = Array.from(
      { length: 3000 },
      (_, index) => `FROM s${index} AS s${index + 1}\nRUN ${index}\nLABEL l${index}=1`,
    )
    const begin = performance.now()
    const { stages } = await graphOf(`FROM alpine AS s0\n${lines.join('\n')}`)
    expect(stages).toHaveLength(3001)
    expect(performance.now() - begin).toBeLessThan(5000)
  })
})
