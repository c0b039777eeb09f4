// SPDX-License-Identifier: Apache-2.0
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the syntax that is tested.
import { describe, expect, it } from 'vitest'
import { deeds, graphOf, refusalOf, step, steps } from './graph-of.js'

describe('arguments', () => {
  it('before the first FROM count in FROM, and in stages that declare them again', async () => {
    const file = 'ARG BASE=debian\nARG V=1\nFROM $BASE\nRUN a $V\nARG V\nRUN b'
    const { root } = await graphOf(file)
    expect(step(root, 'image').reference).toMatch(/debian/)
    expect(steps(root, 'run').map(({ env }) => env.includes('V=1'))).toEqual([false, true])
    const given = await graphOf(file, { args: { BASE: 'alpine', V: '2' } })
    expect(step(given.root, 'image').reference).toMatch(/alpine/)
    expect(steps(given.root, 'run').at(-1)?.env).toContain('V=2')
  })

  it('have defaults made of others, and lose against what is given', async () => {
    const file = 'FROM alpine\nARG A=1 B=$A-$C\nARG D=${B}\nRUN x'
    expect(step((await graphOf(file)).root, 'run').env).toEqual(expect.arrayContaining(['A=1', 'B=1-', 'D=1-']))
    const given = await graphOf(file, { args: { A: '2', D: '' } })
    expect(step(given.root, 'run').env).toEqual(expect.arrayContaining(['A=2', 'B=2-', 'D=']))
  })

  it('are inherited by stages that are built on theirs, and by no others', async () => {
    const { root } = await graphOf(
      'FROM alpine AS a\nARG X=1\nFROM a AS b\nRUN b\nFROM alpine\nRUN c\nCOPY --from=b / /',
    )
    const byCommand = (command: string) => steps(root, 'run').find(({ args }) => args.at(-1) === command)
    expect(byCommand('b')?.env).toContain('X=1')
    expect(byCommand('c')?.env).not.toContain('X=1')
  })

  it('are no part of the image, and lose against a later ENV', async () => {
    const { root, config } = await graphOf('FROM alpine\nARG A=1\nARG B=1\nENV B=2\nRUN x', { args: { B: '3' } })
    expect(step(root, 'run').env).toEqual(expect.arrayContaining(['A=1', 'B=2']))
    expect(config.env).toEqual([expect.stringMatching(/^PATH=/), 'B=2'])
  })

  it('that have to be given are not missed where they are', async () => {
    const file = 'ARG V=${V:?"give a version"}\nFROM alpine\nARG A\nARG B=${A:?"A missing"}\nRUN x'
    expect(await refusalOf(file)).toMatchObject({
      line: 1,
      column: 7,
      message: expect.stringMatching(/V: give a version/),
    })
    expect(await refusalOf(file, { args: { V: '1' } })).toMatchObject({
      line: 4,
      message: expect.stringMatching(/A missing/),
    })
    expect((await graphOf(file, { args: { V: '1', A: '1' } })).stages).toHaveLength(1)
    expect((await graphOf(file, { args: { V: '1', B: '1' } })).stages).toHaveLength(1)
  })

  it('say what the build is for and on', async () => {
    const file =
      'FROM --platform=$BUILDPLATFORM alpine AS x\nARG TARGETPLATFORM TARGETARCH TARGETVARIANT BUILDOS TARGETSTAGE\nRUN a'
    const { root } = await graphOf(file, { platform: { os: 'linux', architecture: 'arm', variant: 'v6' } })
    expect(step(root, 'image').platform).toEqual({ os: 'linux', architecture: 'amd64' })
    expect(step(root, 'run').env).toEqual(
      expect.arrayContaining([
        'TARGETPLATFORM=linux/arm/v6',
        'TARGETARCH=arm',
        'TARGETVARIANT=v6',
        'BUILDOS=linux',
        'TARGETSTAGE=x',
      ]),
    )
  })

  it('for proxies need no declaration, and leave no trace in key and history', async () => {
    const file = 'FROM alpine\nRUN x'
    const plain = await graphOf(file)
    const proxied = await graphOf(file, { args: { HTTP_PROXY: 'http://u:p@proxy', no_proxy: 'x' } })
    expect(step(proxied.root, 'run').proxy).toEqual(
      expect.arrayContaining(['http_proxy=http://u:p@proxy', 'NO_PROXY=x']),
    )
    expect(proxied.root.key).toBe(plain.root.key)
    expect(JSON.stringify([proxied.history, proxied.config])).not.toMatch(/proxy/)
  })

  it('change the key of commands from their declaration on', async () => {
    const file = 'FROM alpine\nRUN a\nARG V\nRUN b'
    const [a1, b1] = steps((await graphOf(file, { args: { V: '1' } })).root, 'run')
    const [a2, b2] = steps((await graphOf(file, { args: { V: '2' } })).root, 'run')
    expect(a1?.key).toBe(a2?.key)
    expect(b1?.key).not.toBe(b2?.key)
  })
})

describe('variables', () => {
  it('are of one moment in an instruction', async () => {
    const { config } = await graphOf('FROM alpine\nENV a=1\nENV a=2 b=$a\nENV c=$a')
    expect(config.env?.slice(1)).toEqual(['a=2', 'b=1', 'c=2'])
  })

  it('are replaced everywhere but in commands', async () => {
    const file = [
      'FROM alpine',
      'ENV d=/dir p=80 q="a b"',
      'WORKDIR $d',
      'EXPOSE $p 9$p 7000-7001/udp',
      'USER u$p',
      'VOLUME $d/v',
      'LABEL $p=$q',
      'STOPSIGNAL SIG${t:-TERM}',
      'COPY --chown=$p --chmod=6${t:-44} $d/x ./$p/',
      'RUN $d',
      'CMD $d',
      'ENTRYPOINT ["$d"]',
    ]
    const { config, root } = await graphOf(file.join('\n'))
    expect(config).toMatchObject({
      workingDir: '/dir',
      user: 'u80',
      volumes: ['/dir/v'],
      exposedPorts: ['80/tcp', '7000/udp', '7001/udp', '980/tcp'],
      labels: { 80: 'a b' },
      stopSignal: 'SIGTERM',
      cmd: ['/bin/sh', '-c', '$d'],
      entrypoint: ['$d'],
    })
    expect(step(root, 'copy')).toMatchObject({ chown: '80', chmod: '644', destination: '/dir/80/' })
    expect(step(root, 'copy').sources).toMatchObject([{ path: '/dir/x' }])
    expect(step(root, 'run').args).toEqual(['/bin/sh', '-c', '$d'])
  })

  it('that are missing are suggested', async () => {
    const error = await refusalOf('FROM alpine\nENV VERSION=1\nLABEL a="${VERSOIN:?not set}"')
    expect(error).toMatchObject({ code: 'ERR_DOCKERFILE', line: 3, column: 9, hint: 'did you mean $VERSION?' })
  })

  it('are refused when they grow without bound', async () => {
    const lines = Array.from({ length: 64 }, () => 'ENV a=$a$a')
    expect(await refusalOf(`FROM alpine\nENV a=xxxxxxxx\n${lines.join('\n')}`)).toMatchObject({
      code: 'ERR_DOCKERFILE',
    })
  })
})

describe('stages', () => {
  it('are built only where the target needs them', async () => {
    const file = 'FROM alpine AS a\nRUN a\nFROM nowhere AS b\nRUN b\nFROM alpine AS c\nCOPY --from=a / /\nFROM c'
    const { stages, root } = await graphOf(file)
    expect(stages).toEqual(['a', 'c', 'stage-3'])
    expect(steps(root, 'run')).toHaveLength(1)
    expect((await graphOf(file, { target: 'A' })).stages).toEqual(['a'])
    await expect(graphOf(file, { target: '0' })).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
  })

  it('are found by number, by name whatever its case, the nearest above of one name', async () => {
    const file = 'FROM alpine AS X\nRUN 1\nFROM x AS x\nRUN 2\nFROM x\nRUN 3\nCOPY --from=0 /a /b'
    const { root } = await graphOf(file)
    expect(
      steps(root, 'run')
        .map(({ args }) => args.at(-1))
        .sort(),
    ).toEqual(['1', '2', '3'])
    const [copy] = steps(root, 'copy')
    expect(copy?.sources[0]?.from).toMatchObject({ kind: 'run', args: ['/bin/sh', '-c', '1'] })
  })

  it.each([
    ['FROM alpine AS builder\nFROM alpine\nCOPY --from=biulder / /', 3, 13, 'did you mean builder?'],
    ['FROM alpine AS base\nFROM bsae', 2, 6, 'did you mean base?'],
    ['FROM b AS a\nFROM a AS b', 1, 6, 'move the stage up, or name the image in full'],
    ['FROM alpine\nCOPY --from=7 / /', 2, 6, undefined],
    ['FROM alpine AS a\nCOPY --from=a / /', 2, 1, undefined],
    ['FROM alpine AS a\nCOPY --from=b / /\nFROM alpine AS b\nCOPY --from=a / /', 4, 1, undefined],
    ['FROM alpine AS a\nCOPY --from=b / /\nFROM a AS b', 3, 1, undefined],
    ['FROM alpine AS a\nCOPY --from=b / /\nFROM alpine AS b\nFROM a', 2, 6, undefined],
    ['FROM $x', 1, 6, 'declare the argument with a default before the first FROM'],
    ['ARG IMAGE=alpine\nFROM $IMGAE', 2, 6, 'did you mean $IMAGE?'],
    ['FROM --platform=lunix/what/ever/x alpine', 1, 6, expect.stringMatching(/os\/architecture/)],
    ['FROM ALPINE', 1, 6, expect.stringMatching(/registry/)],
  ])('%j is refused', async (file, line, column, hint) => {
    const error = await refusalOf(file)
    expect(error).toMatchObject({ code: 'ERR_DOCKERFILE', line })
    if (column !== 13 && column !== 1) expect(error).toMatchObject({ column })
    if (hint !== undefined) expect(error.hint).toEqual(hint)
  })

  it('that are unknown as a target are suggested', async () => {
    expect(await refusalOf('FROM alpine AS builder', { target: 'bulider' })).toMatchObject({
      code: 'ERR_INVALID_ARGUMENT',
      option: 'target',
      hint: 'did you mean builder?',
    })
  })

  it('can be replaced by images and directories of the caller', async () => {
    const file = 'FROM alpine:latest AS a\nRUN a\nFROM scratch\nCOPY --from=a /x /\nCOPY --from=files /y /'
    const image = await graphOf(file, {
      contexts: { a: { kind: 'image', reference: 'debian' }, files: { kind: 'context' } },
    })
    expect(steps(image.root, 'run')).toEqual([])
    expect(step(image.root, 'image').reference).toMatch(/debian/)
    expect(step(image.root, 'context').name).toBe('files')
    const base = await graphOf(file, { contexts: { alpine: { kind: 'context' }, files: { kind: 'context' } } })
    expect(
      steps(base.root, 'context')
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['alpine:latest', 'files'])
    expect(steps(base.root, 'run')).toHaveLength(1)
  })

  it('pass errors of the registry on', async () => {
    expect(await refusalOf('FROM nowhere')).toMatchObject({ code: 'ERR_IMAGE_NOT_FOUND' })
  })
})

describe('triggers of the image below', () => {
  const images = { parent: { onBuild: ['COPY --from=src /a /b', 'RUN echo $X', 'ENV Y=1'] }, alpine: {} }

  it('come first, may need stages, and are not passed on', async () => {
    const graph = await graphOf('FROM alpine AS src\nRUN made\nFROM parent\nRUN own', {}, images)
    expect(deeds(graph)).toEqual([
      'COPY /a /b # buildkit',
      'RUN /bin/sh -c echo $X # buildkit',
      'ENV Y=1',
      'RUN /bin/sh -c own # buildkit',
    ])
    expect(graph.stages).toEqual(['src', 'stage-1'])
    expect(graph.config.onBuild).toBeUndefined()
  })

  it('of a stage work too', async () => {
    const graph = await graphOf('FROM alpine AS a\nONBUILD RUN b\nRUN c\nFROM a\nRUN d')
    expect(deeds(graph)).toEqual([
      'RUN /bin/sh -c c # buildkit',
      'RUN /bin/sh -c b # buildkit',
      'RUN /bin/sh -c d # buildkit',
    ])
    expect((await graphOf('FROM alpine AS a\nONBUILD RUN b')).config.onBuild).toEqual(['RUN b'])
  })

  it('are counted over all stages', async () => {
    const onBuild = Array.from({ length: 500 }, () => 'RUN x')
    const file = Array.from({ length: 500 }, (_, index) => `FROM parent AS s${index}`)
    const copies = file.map((_, index) => `COPY --from=s${index} / /`)
    const error = await refusalOf([...file, 'FROM scratch', ...copies].join('\n'), {}, { parent: { onBuild } })
    expect(error).toMatchObject({ code: 'ERR_DOCKERFILE', message: expect.stringMatching(/more than 2000 ONBUILD/) })
  })

  it.each([
    [['FROM x'], /FROM isn't allowed/],
    [['ONBUILD RUN x'], /ONBUILD isn't allowed|Chaining/],
    [['RNU x'], /unknown instruction: RNU/],
    [['RUN a\nRUN b'], /single expression/],
    [['COPY --from=me / /'], /circular/],
    [['LABEL a=${b'], /missing '}'/],
  ])('%j are refused at FROM', async (onBuild, message) => {
    const error = await refusalOf('FROM alpine\nFROM parent AS me\nRUN x', {}, { parent: { onBuild }, alpine: {} })
    expect(error).toMatchObject({ code: 'ERR_DOCKERFILE', line: 2, message: expect.stringMatching(message) })
  })
})
