// SPDX-License-Identifier: Apache-2.0
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the syntax that is tested.
import { describe, expect, it } from 'vitest'
import { usedPaths } from '../../../../src/build/graph/used-paths.js'
import { deeds, graphOf, refusalOf, step, steps } from './graph-of.js'

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
      'HEALTHCHECK {Test:[CMD-SHELL x] Interval:1m30s Timeout:0s StartPeriod:1.5s StartInterval:0s Retries:0}',
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
    expect(history.slice(1).map(({ created }) => created)).toEqual(Array(2).fill('1970-01-01T00:00:01.000Z'))
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

describe('COPY and ADD', () => {
  const copy = async (lines: string) => step((await graphOf(`FROM alpine\n${lines}`)).root, 'copy')

  it.each([
    ['a /b', '/a', '/b'],
    ['../a/ ./b/', '/a', '/w/b/'],
    ['. .', '/', '/w/'],
    ['/a/../../x ..', '/x', '/'],
    ['a* b/.', '/a*', '/w/b/'],
  ])('%s stays below its roots', async (operands, path, destination) => {
    const made = await copy(`WORKDIR /w\nCOPY ${operands}`)
    expect(made).toMatchObject({
      destination,
      sources: [{ path, isPattern: true, unpack: false, from: { kind: 'context' } }],
    })
  })

  it('keep directories with --parents, below a pivot', async () => {
    const made = await copy('COPY --parents a/b x/./y/*.c ../z /d')
    expect(made.sources).toMatchObject([
      { path: '/', include: 'a/b' },
      { path: '/x', include: 'y/*.c' },
      { path: '/', include: 'z' },
    ])
  })

  it('have files of the Dockerfile, variables replaced', async () => {
    const made = await copy(`ENV x=1\nCOPY <<a <<'b' /d/\n"$x" \\$x 'y'\na\n$x\nb`)
    const files = made.sources.map(({ from }) => (from.kind === 'inline' ? from.files[0]?.data : null))
    expect(files).toEqual([`"1" $x 'y'\n`, '$x\n'])
  })

  it('unpack archives of the context, and others where asked', async () => {
    expect((await copy('ADD a.tar /')).sources[0]?.unpack).toBe(true)
    expect((await copy('ADD --unpack=false a.tar /')).sources[0]?.unpack).toBe(false)
    expect((await copy('ADD https://x/a.tar /')).sources[0]?.unpack).toBe(false)
    expect((await copy('ADD --unpack https://x/a.tar /')).sources[0]?.unpack).toBe(true)
  })

  it('take files from the web', async () => {
    const sum = `sha256:${'a'.repeat(64)}`
    const [source] = (await copy(`ADD --checksum=${sum} https://x/b/c%20d.txt?e=f /`)).sources
    expect(source).toMatchObject({ path: '/c d.txt', from: { kind: 'add-url', filename: 'c d.txt', checksum: sum } })
    expect((await copy('ADD https://x/ /')).sources[0]?.from).toMatchObject({ filename: '__unnamed__' })
    expect((await copy('ADD https://x/%2e%2e%2fy /')).sources[0]?.from).toMatchObject({ filename: '__unnamed__' })
  })

  it.each([
    ['https://github.com/a/b.git', { remote: 'https://github.com/a/b.git', submodules: true, keepGitDirectory: false }],
    ['https://github.com/a/b.git#v1:dir', { ref: 'v1', subdirectory: 'dir' }],
    [
      'https://github.com/a/b.git?tag=v1&subdir=d&keep-git-dir&submodules=false',
      { ref: 'refs/tags/v1', subdirectory: 'd', keepGitDirectory: true, submodules: false },
    ],
    ['git@github.com:a/b.git#main', { remote: 'git@github.com:a/b.git', ref: 'main' }],
    ['ssh://git@x/y', { remote: 'ssh://git@x/y', ref: undefined }],
    ['git://x/y?commit=0123456789', { checksum: '0123456789' }],
  ])('take %s from git', async (text, git) => {
    expect((await copy(`ADD ${text} /`)).sources[0]?.from).toMatchObject({ kind: 'add-git', git })
  })

  it.each([
    ['COPY https://x/y /', /URL for COPY/],
    ['COPY git://x/y /', /git ref for COPY/],
    ['ADD https://x/y.git#--upload-pack=z /', /cannot be a ref/],
    ['ADD ssh://-oProxyCommand=z/y /', /begin with a dash/],
    ['ADD git@-oProxyCommand:y /', /begin with a dash/],
    ['ADD https://x/y.git#a:../b /', /leaves the repository/],
    ['ADD https://x/y.git?what=z /', /unexpected 'what'/],
    ['ADD https://x/y.git?ref=a#b /', /ref is given as/],
    ['ADD --checksum=sha256:1 https://x/y /', /not a digest/],
    ['ADD --checksum=sha256:1 a /', /requires HTTP/],
    ['ADD --checksum=sha256:1 https://x/y https://x/z /', /multiple sources/],
    ['ADD --keep-git-dir=false https://x/y.git?keep-git-dir=true /', /inconsistent/],
    ['COPY --from=$x a b', /not supported for --from/],
    ['COPY <<../x /\na\n../x', /cannot be a file's name/],
  ])('%s is refused', async (line, message) => {
    expect(await refusalOf(`FROM alpine\n${line}`)).toMatchObject({
      code: 'ERR_DOCKERFILE',
      line: 2,
      message: expect.stringMatching(message),
    })
  })

  it('have a key of everything that is said', async () => {
    const key = async (line: string) => (await copy(line)).key
    const keys = ['a b', 'a b/', '--chown=1 a b', '--chmod=1 a b', '--link a b', '--parents a b', '--exclude=c a b']
    expect(new Set(await Promise.all(keys.map((operands) => key(`COPY ${operands}`)))).size).toBe(keys.length)
    expect(await key('COPY   a   b')).toBe(await key('copy a b'))
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
