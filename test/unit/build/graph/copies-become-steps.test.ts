// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { graphOf, refusalOf, step } from './graph-of.js'

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
