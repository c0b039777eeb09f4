// SPDX-License-Identifier: Apache-2.0
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Container } from '../../../src/index.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()

test('the command finds them, of texts, bytes and files of the host', async () => {
  const source = join(host.directory, 'big')
  await writeFile(source, Buffer.alloc(3_000_000, 'x'))
  const box = await host.run({
    command: [
      'sh',
      '-c',
      'cat /run/later/a /b; wc -c < /srv/deep/big; cat /empty | wc -c; stat -c %a /srv/deep/big /etc/hostname.d',
    ],
    mounts: [{ type: 'tmpfs', target: '/run/later' }],
    files: [
      { path: '/run/later/a', content: 'in memory\n' },
      { path: '/b', content: new TextEncoder().encode('bytes\n') },
      { path: '/srv/deep/big', source, mode: 0o440 },
      { path: '/empty', content: '' },
      { path: '/etc/hostname.d', content: 'replaces\n', mode: 0o6755 },
    ],
  })
  await box.wait()
  const lines: string[] = []
  for await (const { line } of box.logs()) lines.push(line)
  expect(lines).toEqual(['in memory', 'bytes', '3000000', '0', '440', '6755'])
  await box.remove()
})

test('a detached container has them after every start', async () => {
  const box = await host.create({
    command: ['cat', '/given'],
    detached: true,
    files: [{ path: '/given', content: 'once\n' }],
  })
  try {
    for (let round = 0; round < 2; round++) {
      await box.start()
      await box.wait()
    }
    const lines: string[] = []
    for await (const { line } of box.logs()) lines.push(line)
    expect(lines).toEqual(['once', 'once'])
  } finally {
    await box.remove({ force: true })
  }
})

test.each([
  [
    'a directory in the place of one',
    { path: '/tmp', content: '' },
    { code: 'ERR_FILE_TYPE', errno: 'EISDIR', object: '/tmp' },
  ],
  ['a parent that is a file', { path: '/etc/passwd/x', content: '' }, { code: 'ERR_FILE_TYPE', errno: 'ENOTDIR' }],
  ['an owner that nobody knows', { path: '/x', content: '', owner: 'no-such' }, { code: 'ERR_USER_NOT_FOUND' }],
  [
    'a source that is not there',
    { path: '/x', source: '/no/such' },
    { code: 'ERR_INVALID_ARGUMENT', option: 'files[0].source' },
  ],
  [
    'a source that is no file',
    { path: '/x', source: '/dev/null' },
    { code: 'ERR_INVALID_ARGUMENT', option: 'files[0].source' },
  ],
  ['no content', { path: '/x' }, { code: 'ERR_INVALID_ARGUMENT', option: 'files[0].content' }],
  ['a relative path', { path: 'x', content: '' }, { code: 'ERR_INVALID_ARGUMENT', option: 'files[0].path' }],
] as const)('%s is refused, and no container is left', async (_, file, failure) => {
  await expect(host.create({ command: ['true'], name: 'refused', files: [file] })).rejects.toMatchObject(failure)
  expect((await Container.list({ engine: host.engine, all: true })).map(({ name }) => name)).not.toContain('refused')
})
