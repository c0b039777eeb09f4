// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { deeds, graphOf, refusalOf, step } from './graph-of.js'

describe('the config', () => {
  it('of an image is kept, and its history goes on', async () => {
    const base = {
      user: 'u',
      env: ['PATH=/p', 'A=1'],
      cmd: ['c'],
      entrypoint: ['e'],
      labels: { a: 'b' },
      workingDir: '/w',
      exposedPorts: ['1/tcp'],
      volumes: ['/v'],
      shell: ['/bin/bash', '-c'],
      stopSignal: 'SIGINT',
    }
    const { config, history, root } = await graphOf('FROM alpine\nRUN x', {}, { alpine: base })
    expect(config).toEqual({ ...base, healthcheck: undefined, onBuild: undefined })
    expect(step(root, 'run')).toMatchObject({
      args: ['/bin/bash', '-c', 'x'],
      user: 'u',
      cwd: '/w',
      env: ['PATH=/p', 'A=1'],
    })
    expect(history).toEqual([
      { createdBy: 'made alpine' },
      { createdBy: 'RUN /bin/bash -c x # buildkit', comment: 'buildkit.dockerfile.v0' },
    ])
  })

  it('has a directory that is one, whatever the image says', async () => {
    const { config } = await graphOf('FROM alpine', {}, { alpine: { workingDir: '../a/./b' } })
    expect(config.workingDir).toBe('/a/b')
  })

  it('has a PATH, and of nothing a directory', async () => {
    const { config, root } = await graphOf('FROM scratch')
    expect(config).toMatchObject({ workingDir: '/', env: [expect.stringMatching(/^PATH=.*\/bin$/)] })
    expect(root.kind).toBe('scratch')
  })

  it.each([
    ['ENTRYPOINT ["x"]', undefined],
    ['CMD ["y"]\nENTRYPOINT ["x"]', ['y']],
    ['ENTRYPOINT ["x"]\nCMD ["y"]', ['y']],
    ['CMD z\nCMD []', []],
  ])('after %j has the command %j', async (lines, cmd) => {
    const { config } = await graphOf(`FROM alpine\n${lines}`, {}, { alpine: { cmd: ['old'] } })
    expect(config.cmd).toEqual(cmd)
  })

  it('loses a command of the stage below to an entrypoint', async () => {
    const { config } = await graphOf('FROM alpine AS a\nCMD ["y"]\nFROM a\nENTRYPOINT ["x"]')
    expect(config).toMatchObject({ entrypoint: ['x'], cmd: undefined })
  })

  it('has everything that was said, with labels of the caller over it', async () => {
    const file =
      'FROM alpine\nMAINTAINER me\nLABEL __proto__=a b=c\nHEALTHCHECK --timeout=90s CMD ["x"]\nSHELL ["s"]\nUSER 1:2'
    const { config, author } = await graphOf(file, { labels: { b: 'd' } })
    expect(author).toBe('me')
    expect(Object.entries(config.labels ?? {})).toEqual([
      ['__proto__', 'a'],
      ['b', 'd'],
    ])
    expect(config).toMatchObject({ shell: ['s'], user: '1:2', healthcheck: { test: ['CMD', 'x'], timeoutMs: 90_000 } })
  })

  it('is written down as Docker writes it', async () => {
    const file = [
      'FROM alpine',
      'ARG a=1 b',
      'ENV c="x y"',
      'LABEL d e f',
      'WORKDIR /w',
      'WORKDIR v/../u',
      'EXPOSE 81-82 80/UDP',
      'VOLUME /a /b',
      'USER me',
      'STOPSIGNAL 9',
      'SHELL ["/bin/bash", "-c"]',
      'HEALTHCHECK --interval=1m30s --start-period=1.5s CMD x',
      'COPY --chown=1 --parents a b /c/',
      'RUN x',
      'CMD ["a \\"b\\"", "ü\\t"]',
      'ENTRYPOINT x',
    ]
    const graph = await graphOf(file.join('\n'))
    expect(deeds(graph)).toEqual([
      'ARG a=1 b',
      'ENV c=x y',
      'LABEL d=e f',
      'WORKDIR /w',
      'WORKDIR /w/u',
      'EXPOSE [80/udp 81/tcp 82/tcp]',
      'VOLUME [/a /b]',
      'USER me',
      'STOPSIGNAL 9',
      'SHELL [/bin/bash -c]',
      'HEALTHCHECK &{["CMD-SHELL" "x"] "1m30s" "0s" "1.5s" "0s" \'\\x00\'}',
      'COPY --parents --chown=1 a b /c/ # buildkit',
      'RUN |2 a=1 b= /bin/bash -c x # buildkit',
      'CMD ["a \\"b\\"" "ü\\t"]',
      'ENTRYPOINT ["/bin/bash" "-c" "x"]',
    ])
    const layers = graph.history
      .filter(({ emptyLayer }) => !emptyLayer)
      .map(({ createdBy }) => createdBy?.split(' ')[0])
    expect(layers).toEqual(['made', 'WORKDIR', 'WORKDIR', 'COPY', 'RUN'])
  })

  it('has one time where SOURCE_DATE_EPOCH gives it', async () => {
    const { history, root, epoch } = await graphOf('FROM alpine\nWORKDIR /a\nCOPY x /', {
      args: { SOURCE_DATE_EPOCH: '1' },
    })
    expect(epoch).toBe(1)
    expect(history.slice(1).map(({ created }) => created)).toEqual(Array(2).fill('1970-01-01T00:00:01Z'))
    expect([step(root, 'mkdir').epoch, step(root, 'copy').epoch]).toEqual([1, 1])
    expect(await refusalOf('FROM alpine', { args: { SOURCE_DATE_EPOCH: 'x' } })).toMatchObject({
      code: 'ERR_INVALID_ARGUMENT',
    })
  })

  it.each([
    ['EXPOSE 70000', 8],
    ['EXPOSE 9-8', 8],
    ['EXPOSE 80/http', 8],
    ['EXPOSE x', 8],
    ['STOPSIGNAL SIGNOTHING', 12],
    ['STOPSIGNAL 0', 12],
    ['COPY --chmod=9 a b', 6],
    ['COPY --chmod=u+q a b', 6],
    ['COPY --chmod=77777 a b', 6],
    ['VOLUME $none', 8],
  ])('%s is refused', async (line, column) => {
    expect(await refusalOf(`FROM alpine\n${line}`)).toMatchObject({ code: 'ERR_DOCKERFILE', line: 2, column })
  })

  it.each(['SIGRTMIN+3', 'rtmax-2', 'quit', '64'])('%s is a signal', async (signal) => {
    expect((await graphOf(`FROM alpine\nSTOPSIGNAL ${signal}`)).config.stopSignal).toBe(signal)
  })
})
