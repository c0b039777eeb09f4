// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type BuildOptions, Container, Image } from '../../../src/index.js'
import { type GitServer, gitIn, startGitDaemon, startGitServer } from '../../support/git-server.js'
import { useTestEngine } from '../../support/test-engine.js'
import { makeRootfs, makeTar } from '../image/rootfs.js'

const host = useTestEngine()
const box = '/bin/busybox'
let server: GitServer
let app: string
let url: string
const commits: Record<'first' | 'second', string> = { first: '', second: '' }

beforeAll(async () => {
  const rootfs = await makeRootfs(join(host.directory, 'rootfs'))
  await Image.import(await makeTar(rootfs, join(host.directory, 'rootfs.tar')), { engine: host.engine, tag: 'base:1' })
  server = await startGitServer(join(host.directory, 'git'))
  url = `${server.url}/app.git`
  const lib = server.make('lib')
  commitFiles(lib, { 'lib.txt': 'the library\n' })
  gitIn(lib, 'push', '-q', 'origin', 'main')
  app = server.make('app')
  symlinkSync('/etc/passwd', join(app, 'out'))
  commitFiles(app, {
    Dockerfile: 'FROM base:1\nCOPY . /app/\n',
    'version.txt': 'first\n',
    'part/Dockerfile': 'FROM base:1\nCOPY . /part/\n',
    'part/inner.txt': 'inner\n',
    'left-out.txt': 'exported all the same\n',
    '.gitattributes': 'left-out.txt export-ignore\n',
  })
  gitIn(app, 'submodule', '--quiet', 'add', '../lib.git', 'vendor/lib')
  gitIn(app, 'commit', '-qm', 'first')
  commits.first = gitIn(app, 'rev-parse', 'HEAD')
  gitIn(app, 'tag', '-a', '-m', 'one', 'v1')
  gitIn(app, 'branch', 'stable')
  commitFiles(app, { 'version.txt': 'second\n' })
  commits.second = gitIn(app, 'rev-parse', 'HEAD')
  gitIn(app, 'push', '-q', 'origin', 'main', 'stable', 'v1')
})
afterAll(() => server.stop())
beforeEach(() => {
  server.requests.length = 0
  server.authorization = null
})

const commitFiles = (directory: string, files: Readonly<Record<string, string>>): void => {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(directory, name, '..'), { recursive: true })
    writeFileSync(join(directory, name), content)
  }
  gitIn(directory, 'add', '--all')
  gitIn(directory, 'commit', '-qm', 'files')
}
const build = (options: BuildOptions) => Image.build({ engine: host.engine, ...options })
const adding = (source: string, flags = '') =>
  // What it adds is served by this machine.
  ({ dockerfileText: `FROM base:1\nADD ${flags} ${source} /app/\n`, network: 'host' }) satisfies BuildOptions
const see = async (image: Image, script: string) =>
  (await Container.runOnce(image, ['sh', '-c', script.replaceAll('@', box)], { engine: host.engine, network: 'none' }))
    .stdout

describe('a repository as the context', () => {
  test('is what its default branch has, with submodules, and without .git', async () => {
    const image = await build({ context: url })
    const seen = await see(
      image,
      '@ find /app | @ sort; @ cat /app/version.txt /app/vendor/lib/lib.txt; @ stat -c %Y /app/version.txt',
    )
    expect(seen.split('\n').slice(0, -4)).toEqual([
      '/app',
      ...['.gitattributes', '.gitmodules', 'Dockerfile', 'left-out.txt', 'out', 'part', 'part/Dockerfile'].map(
        (name) => `/app/${name}`,
      ),
      ...['part/inner.txt', 'vendor', 'vendor/lib', 'vendor/lib/lib.txt', 'version.txt'].map((name) => `/app/${name}`),
    ])
    expect(seen).toMatch(/second\nthe library\n1600000000\n$/)
  })

  test('can be of a tag or a branch, however that is said: the same commit is the same image', async () => {
    const text = 'FROM base:1\nCOPY version.txt /\n'
    const ids = new Set<string>()
    for (const fragment of ['#v1', '?tag=v1', '#stable', '?ref=refs/heads/stable', `#${commits.first}`]) {
      const image = await build({ context: url + fragment, dockerfileText: text, tags: ['of-a-ref:1'] })
      ids.add(image.id)
    }
    expect(ids.size).toBe(1)
    expect(await see(await Image.get('of-a-ref:1', { engine: host.engine }), '@ cat /version.txt')).toBe('first\n')
  })

  test('can be a directory of it', async () => {
    const image = await build({ context: `${url}#main:part` })
    expect(await see(image, '@ find /part -type f | @ sort; @ stat -c %Y /part/inner.txt')).toBe(
      '/part/Dockerfile\n/part/inner.txt\n1600000000\n',
    )
  })

  test('comes by git’s own protocol too, and under a name', async () => {
    const daemon = await startGitDaemon(server.directory)
    try {
      const image = await build({
        dockerfileText: 'FROM base:1\nCOPY --from=lib lib.txt /\n',
        contexts: { lib: `${daemon.url}/lib.git#main` },
      })
      expect(await see(image, '@ cat /lib.txt')).toBe('the library\n')
    } finally {
      await daemon.stop()
    }
  })
})

describe('ADD of a repository', () => {
  test('at a commit that was fetched before asks nobody, and is done once', async () => {
    await build(adding(`${url}#${commits.first}`))
    server.requests.length = 0
    const image = await build({ ...adding(`${url}#${commits.first}`), noCache: true })
    expect(server.requests).toEqual([])
    expect(await see(image, '@ cat /app/version.txt; @ ls -a /app')).toMatch(/^first\n\.\n\.\.\n\.gitattributes\n/)
    const types: string[] = []
    const again = await build({ ...adding(`${url}#v1`), onProgress: ({ type }) => void types.push(type) })
    expect([again.layers, types]).toEqual([image.layers, ['graph', 'cached', 'image']])
    // What a name means is asked, and nothing else.
    expect(server.requests.every(({ what }) => /^GET .*info\/refs$|^POST .*git-upload-pack$/.test(what))).toBe(true)
    expect(server.requests.length).toBeLessThanOrEqual(2)
  })

  test('with --keep-git-dir has the commit and its origin', async () => {
    const image = await build(adding(`${url}#v1`, '--keep-git-dir'))
    const { stdout } = await Container.runOnce(image, [box, 'tar', '-cC', '/app', '.'], {
      engine: host.engine,
      network: 'none',
      encoding: 'bytes',
    })
    const copy = join(host.directory, 'kept')
    mkdirSync(copy)
    execFileSync('tar', ['-xC', copy], { input: stdout })
    expect(gitIn(copy, 'log', '--format=%H %D')).toBe(`${commits.first} grafted, HEAD, tag: v1`)
    expect(gitIn(copy, 'status', '--porcelain', '--ignore-submodules')).toBe('')
    expect(gitIn(copy, 'remote', 'get-url', 'origin')).toBe(url)
  })

  test('is checked by --checksum', async () => {
    const image = await build(adding(`${url}#v1`, `--checksum=${commits.first}`))
    expect(await see(image, '@ cat /app/version.txt')).toBe('first\n')
    await expect(build(adding(`${url}#v1`, `--checksum=${commits.second}`))).rejects.toMatchObject({
      code: 'ERR_DIGEST_MISMATCH',
      message: expect.stringContaining(commits.first),
    })
  })

  test('gets what only some may have with a token, which goes nowhere else', async () => {
    server.authorization = `basic ${Buffer.from('x-access-token:s3cret').toString('base64')}`
    const where = adding(`${url}?commit=${commits.second}&submodules=false&ref=main`)
    await expect(build(where)).rejects.toMatchObject({
      code: 'ERR_ADD_FAILED',
      hint: expect.stringContaining('GIT_AUTH_TOKEN'),
    })
    const image = await build({ ...where, secrets: { [`GIT_AUTH_TOKEN.${new URL(url).host}`]: 's3cret' } })
    expect(JSON.stringify([await image.history(), image.config])).not.toContain('s3cret')
    expect(readdirSync(join(host.root, 'cache/git')).length).toBeGreaterThan(0)
  })
})

test.each<[string, BuildOptions | (() => BuildOptions), Record<string, unknown>]>([
  ['a repository that is not there', () => ({ context: `${server.url}/none.git` }), { code: 'ERR_ADD_FAILED' }],
  [
    'a branch that is not there',
    () => ({ context: `${url}#none` }),
    { code: 'ERR_ADD_FAILED', message: /neither a branch nor a tag/ },
  ],
  ['a directory that is not there', () => ({ context: `${url}#main:none` }), { code: 'ERR_FILE_NOT_FOUND' }],
  ['a file in place of a directory', () => ({ context: `${url}#main:Dockerfile` }), { code: 'ERR_FILE_NOT_FOUND' }],
  ['a commit that is not there', () => ({ context: `${url}#${'0'.repeat(39)}1` }), { code: 'ERR_ADD_FAILED' }],
  ['a protocol that runs programs', { context: 'ext::sh -c true' }, { code: 'ERR_INVALID_ARGUMENT' }],
  ['a directory of this machine as a repository', { context: 'file:///etc' }, { code: 'ERR_INVALID_ARGUMENT' }],
])('%s is an error with a code', async (_what, options, { code, message = /./ }) => {
  const building = build({ ...(typeof options === 'function' ? options() : options) })
  await expect(building).rejects.toMatchObject({ code, message: expect.stringMatching(message as RegExp) })
})

describe('a repository that means harm', () => {
  test('is refused: a submodule by a protocol that runs programs', async () => {
    const evil = server.make('evil')
    commitFiles(evil, { '.gitmodules': '[submodule "x"]\n\tpath = x\n\turl = "ext::sh -c true"\n' })
    gitIn(evil, 'update-index', '--add', '--cacheinfo', `160000,${commits.first},x`)
    gitIn(evil, 'commit', '-qm', 'evil')
    gitIn(evil, 'push', '-q', 'origin', 'main')
    await expect(build(adding(`${server.url}/evil.git`))).rejects.toMatchObject({
      code: 'ERR_ADD_FAILED',
      message: expect.stringContaining('is no address for a repository'),
    })
  })

  test('is refused: a tree with a .git of its own', async () => {
    const evil = server.make('evil-tree')
    commitFiles(evil, { a: 'x' })
    const blob = gitIn(evil, 'hash-object', '-w', 'a')
    const write = (input: string) =>
      execFileSync('git', ['-C', evil, 'mktree'], { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] }).trim()
    const inner = write(`100755 blob ${blob}\tpost-checkout\n`)
    const tree = execFileSync('git', ['-C', evil, 'hash-object', '-t', 'tree', '-w', '--literally', '--stdin'], {
      input: Buffer.concat([Buffer.from('40000 .git\0'), Buffer.from(inner, 'hex')]),
      encoding: 'utf8',
    }).trim()
    const commit = gitIn(evil, 'commit-tree', '-m', 'evil', tree)
    gitIn(evil, 'push', '-q', 'origin', `${commit}:refs/heads/main`)
    await expect(
      build({ context: `${server.url}/evil-tree.git`, dockerfileText: 'FROM base:1\nCOPY . /\n' }),
    ).rejects.toMatchObject({
      code: 'ERR_ADD_FAILED',
      message: expect.stringContaining('does not check out'),
    })
  })

  test('leads to no server of this machine, and to no service of its cloud', async () => {
    for (const remote of [`${url}#main`, 'http://169.254.169.254/r.git', 'git@localhost:r.git', 'ssh://git@[::1]/r']) {
      await expect(build({ ...adding(remote), network: 'default' })).rejects.toMatchObject({
        code: 'ERR_ADD_FAILED',
        message: expect.stringContaining('it leads to'),
      })
    }
    expect(server.requests).toEqual([])
  })

  test('shows no file of this machine by a link', async () => {
    const copy = { context: url, dockerfileText: 'FROM base:1\nCOPY out /seen\n' }
    await expect(build(copy)).rejects.toMatchObject({ code: expect.any(String) })
  })
})

test('a prune takes the repositories too', async () => {
  await Image.prune({ engine: host.engine, builds: true })
  expect(readdirSync(join(host.root, 'cache/git'))).toEqual([])
})
