// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { type BuildOptions, Engine, type ErrorCode, Image } from '../../../src/index.js'
import { box, useBuildEngine } from '../../support/build-engine.js'
import { tarOfEntries } from '../../support/layered-layout.js'
import { testNeeding } from '../../support/needs.js'
import { supervisorGone } from '../../support/test-engine.js'

const { host, build } = useBuildEngine()

interface Bad {
  readonly text: string
  readonly options?: BuildOptions
  readonly code: ErrorCode
  readonly message: RegExp
  readonly hint?: string
}

const bad: Readonly<Record<string, Bad>> = {
  'a misspelt instruction': {
    text: 'FROM base:1\nCOPPY a b\n',
    code: 'ERR_DOCKERFILE',
    message: /^Dockerfile:2:1: .*\n {2}2 \| COPPY a b\n {4}\| \^/,
    hint: 'did you mean COPY?',
  },
  'a file that is not there': {
    text: 'FROM base:1\nCOPY src/packge.json /\n',
    options: { context: { 'src/package.json': '{}', 'src/other': '' } },
    code: 'ERR_FILE_NOT_FOUND',
    message: /^Dockerfile:2: .*there is no '\/?src\/packge.json'/,
    hint: 'did you mean src/package.json?',
  },
  'a file that is left out': {
    text: 'FROM base:1\nCOPY secret.txt /\n',
    options: { context: { 'secret.txt': 'x', '.dockerignore': '*.txt\n' } },
    code: 'ERR_FILE_NOT_FOUND',
    message: /^Dockerfile:2: .*secret\.txt/,
    hint: 'add the line !secret.txt',
  },
  'a stage that is not there': {
    text: 'FROM base:1 AS builder\nFROM base:1\nCOPY --from=bilder /a /b\n',
    code: 'ERR_DOCKERFILE',
    message: /^Dockerfile:3:\d+: .*bilder/,
    hint: 'did you mean builder?',
  },
  'a target that is not there': {
    text: 'FROM base:1 AS builder\nFROM base:1 AS runner\n',
    options: { target: 'runer' },
    code: 'ERR_INVALID_ARGUMENT',
    message: /target stage 'runer'/,
    hint: 'did you mean runner?',
  },
  'stages in a circle': {
    text: 'FROM base:1 AS a\nCOPY --from=b / /\nFROM base:1 AS b\nCOPY --from=a / /\n',
    code: 'ERR_DOCKERFILE',
    message: /^Dockerfile:\d:\d+: .*circ/i,
  },
  'a secret that is not given': {
    text: 'FROM base:1\nRUN --mount=type=secret,id=token,required=true true\n',
    code: 'ERR_INVALID_ARGUMENT',
    message: /^Dockerfile:2: .*'token'/,
    hint: 'secrets:',
  },
  'a command that fails': {
    text: `FROM base:1\nRUN for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo line $i; done; echo oops >&2; exit 42\n`,
    code: 'ERR_BUILD_FAILED',
    message: /^Dockerfile:2: [\s\S]*ended with 42[\s\S]*line 12\n\s*oops$/,
  },
  'a pattern that is malformed': {
    text: 'FROM base:1\nCOPY . /\n',
    options: { context: { '.dockerignore': 'ok\n[a-\n' } },
    code: 'ERR_IGNORE_PATTERN',
    message: /line 2/,
    hint: 'filepath.Match',
  },
}

test.each(Object.entries(bad))('%s', async (_, { text, options, code, message, hint }) => {
  const failure = await build(text, options).then(
    () => undefined,
    (error) => error,
  )
  expect(failure).toMatchObject({ code, message: expect.stringMatching(message) })
  if (hint !== undefined) expect(failure.hint).toContain(hint)
})

test('a context that is not there, or is no directory', async () => {
  const file = join(host.directory, 'file')
  await writeFile(file, '')
  for (const context of [join(host.directory, 'none'), file])
    await expect(Image.build({ engine: host.engine, context })).rejects.toMatchObject({
      code: 'ERR_INVALID_ARGUMENT',
      option: 'context',
      message: expect.stringContaining(context),
    })
})

test('a context without a Dockerfile', async () => {
  const context = join(host.directory, 'empty')
  await mkdir(context)
  await expect(Image.build({ engine: host.engine, context })).rejects.toMatchObject({
    code: 'ERR_FILE_NOT_FOUND',
    hint: expect.stringContaining('dockerfileText'),
  })
})

testNeeding('ordinary user')('files that this user may not read', async () => {
  const theirs = Image.build({ engine: host.engine, context: '/etc', dockerfileText: 'FROM scratch\nCOPY shadow /\n' })
  await expect(theirs.then(({ id }) => id)).rejects.toMatchObject({
    code: 'ERR_PERMISSION',
    message: expect.stringMatching(/^Dockerfile:2: .*shadow/),
  })
  const context = join(host.directory, 'unreadable')
  await mkdir(context)
  await writeFile(join(context, 'Dockerfile'), 'FROM base:1\n', { mode: 0 })
  await expect(Image.build({ engine: host.engine, context })).rejects.toMatchObject({
    code: 'ERR_PERMISSION',
    hint: expect.stringContaining('right to read'),
    object: 'Dockerfile',
  })
})

test('a platform whose programs cannot run here', async () => {
  const other = process.arch === 'arm64' ? 's390x' : 'arm64'
  // Made for another machine: the head of its program says so, and the rest is nothing.
  const program = Buffer.alloc(64)
  program.write('\x7fELF\x02\x01\x01', 'latin1')
  program.writeUInt16LE(2, 16)
  program.writeUInt16LE(other === 'arm64' ? 183 : 22, 18)
  const text = `FROM scratch\nCOPY sh /bin/sh\nRUN true\n`
  const context = { sh: { content: program, mode: 0o755 } }
  const failure = await build(text, { context, platform: `linux/${other}` }).catch((error) => error)
  expect(failure.code).toMatch(/^ERR_(START_FAILED|UNSUPPORTED|BUILD_FAILED)$/)
  expect(failure.message).toMatch(/^Dockerfile:3: /)
})

testNeeding('root')('a disk that is full, whatever fills it', async () => {
  const small = join(host.directory, 'small')
  await mkdir(small)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m,mode=755', 'tmpfs', small])
  const [root, runRoot] = [join(small, 'root'), join(small, 'run')]
  const engine = await Engine.open({ root, runRoot })
  try {
    const full = { code: 'ERR_RESOURCE_EXHAUSTED', errno: 'ENOSPC' }
    const context = join(host.directory, 'large')
    await mkdir(context)
    await writeFile(join(context, 'large'), Buffer.alloc(30_000_000, 1))
    // A kilobyte a megabyte.
    const bomb = gzipSync(tarOfEntries([{ path: 'zeros', data: Buffer.alloc(200_000_000, 1) }]), { level: 1 })
    await writeFile(join(context, 'bomb.tar.gz'), bomb)
    for (const line of ['COPY large /', 'ADD bomb.tar.gz /']) {
      const building = Image.build({ engine, context, dockerfileText: `FROM scratch\n${line}\n` })
      await expect(building).rejects.toMatchObject(full)
    }
    const held = Image.build({
      engine,
      context: { large: Buffer.alloc(30_000_000, 1) },
      dockerfileText: 'FROM scratch\nCOPY . /\n',
    })
    await expect(held).rejects.toMatchObject(full)
    expect(await readdir(join(root, 'tmp'))).toEqual([])
    // And goes on when there is room.
    const { id } = await Image.build({ engine, context: { a: 'a' }, dockerfileText: 'FROM scratch\nCOPY a /\n' })
    await (await Image.get(id, { engine })).remove()
  } finally {
    await engine.close()
    await supervisorGone(runRoot)
    execFileSync('umount', [small])
    await rm(small, { recursive: true })
  }
})

test('what is said of a failure is no more than its last lines', async () => {
  const failure = await build(`FROM base:1\nRUN ${box} yes | ${box} head -c 100000; exit 1\n`).catch((error) => error)
  expect(failure.code).toBe('ERR_BUILD_FAILED')
  expect(failure.message.length).toBeLessThan(4000)
})
