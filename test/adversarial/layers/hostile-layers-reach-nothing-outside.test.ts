// SPDX-License-Identifier: Apache-2.0
// Through the whole engine: what the reader of tars refuses by itself, and why, is in addon/test/layer_*.cc.
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import { Container, Image } from '../../../src/index.js'
import { type LayerEntry, tarOfEntries, writeLayout } from '../../support/layered-layout.js'
import { has } from '../../support/needs.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
let outside: string
let canary: string
beforeAll(async () => {
  outside = join(host.directory, 'outside')
  await mkdir(outside)
  canary = join(outside, 'canary')
  await writeFile(canary, 'alive', { mode: 0o600 })
})

const up = (path: string) => `${'../'.repeat(12)}${path.slice(1)}`
const place: readonly LayerEntry[] = [
  { path: 'opt/', type: 'directory', mode: 0o755 },
  { path: 'opt/busybox', mode: 0o755 },
]
const linkOut = (path: string): LayerEntry => ({ path, type: 'symlink', target: outside })

const unharmed = async () => {
  expect(await readFile(canary, 'utf8')).toBe('alive')
  const { mode, nlink } = await stat(canary)
  expect([mode & 0o7777, nlink]).toEqual([0o600, 1])
  expect(await readdir(outside)).toEqual(['canary'])
  expect(await readdir(join(host.root, 'tmp'))).toEqual([])
}
const importing = (tar: Buffer) => Image.import(Readable.from([tar]), { engine: host.engine })
const seenIn = async (image: Image, script: string): Promise<string> => {
  const mounts = [{ type: 'bind', source: '/bin/busybox', target: '/opt/busybox', readonly: true }] as const
  const box = await Container.run(image, { engine: host.engine, idle: true, mounts })
  try {
    return (await box.exec(['/opt/busybox', 'sh', '-c', script], { check: false })).stdout
  } finally {
    await box.remove({ force: true })
  }
}

describe('a layer is refused', () => {
  const refused: Readonly<Record<string, () => readonly LayerEntry[]>> = {
    'whose name climbs out': () => [{ path: up(canary), data: 'x' }],
    'whose name climbs out from within': () => [{ path: `a/b/${up(canary)}`, data: 'x' }],
    'whose root is a link': () => [{ path: './', type: 'symlink', target: outside }],
    'with a hard link that leaves by name': () => [{ path: 'h', type: 'link', target: up(canary) }],
    'with a hard link to a file of the host': () => [{ path: 'h', type: 'link', target: canary }],
    'with a hard link that leaves by a symbolic one': () => [
      linkOut('d'),
      { path: 'h', type: 'link', target: 'd/canary' },
    ],
    'with a hard link before its target': () => [
      { path: 'h', type: 'link', target: 'later' },
      { path: 'later', data: 'x' },
    ],
    'with links in a circle': () => [
      { path: 'a', type: 'symlink', target: 'b' },
      { path: 'b', type: 'symlink', target: 'a' },
      { path: 'a/x', data: 'x' },
    ],
    'with a whiteout of nothing': () => [{ path: 'd/.wh.' }],
    'with a whiteout of itself': () => [{ path: 'd/.wh..' }],
    'with a whiteout of its parent': () => [{ path: 'd/.wh...' }],
    'with a device that is a whiteout': () => [{ path: 'w', type: 'char', device: [0, 0] }],
  }
  test.each(Object.entries(refused))('%s', async (_, entries) => {
    await expect(importing(tarOfEntries(entries()))).rejects.toMatchObject({ code: 'ERR_LAYER_INVALID' })
    await unharmed()
  })

  const tar = () => tarOfEntries([...place, { path: 'file', data: 'x'.repeat(5000) }])
  const damaged: Readonly<Record<string, () => Buffer>> = {
    'that ends in the middle of a file': () => tar().subarray(0, 2000),
    'whose gzip ends too early': () => gzipSync(tar()).subarray(0, -9),
    'with garbage behind its gzip': () => Buffer.concat([gzipSync(tar()), Buffer.from('garbage')]),
  }
  test.each(Object.entries(damaged))('%s', async (_, bytes) => {
    await expect(importing(bytes())).rejects.toMatchObject({ code: 'ERR_LAYER_INVALID' })
    await unharmed()
  })
})

describe('what a layer has stays inside', () => {
  const inside: Readonly<Record<string, readonly [() => readonly LayerEntry[], string, string | RegExp]>> = {
    'an absolute name': [() => [{ path: canary, data: 'inner' }], 'cat "$CANARY"', 'inner'],
    'a write through a link': [() => [linkOut('d'), { path: 'd/canary', data: 'inner' }], 'cat "$CANARY"', 'inner'],
    'a write through a link that replaced a directory': [
      () => [{ path: 'd/', type: 'directory' }, linkOut('d'), { path: 'd/canary', data: 'inner' }],
      'cat /d/canary',
      'inner',
    ],
    'a directory over a link': [
      () => [linkOut('d'), { path: 'd/', type: 'directory', mode: 0o700 }, { path: 'd/canary', data: 'inner' }],
      'cat /d/canary; [ -L /d ] || echo ", directory"',
      'inner, directory\n',
    ],
    'a whiteout behind a link': [() => [linkOut('d'), { path: 'd/.wh.canary' }], 'ls "$OUTSIDE"', ''],
    "overlay's own attributes": [
      () => [
        {
          path: 'o/',
          type: 'directory',
          mode: 0o755,
          xattrs: { 'trusted.overlay.redirect': Buffer.from('/opt'), 'user.overlay.redirect': Buffer.from('/opt') },
        },
        { path: 'o/own', data: 'x' },
      ],
      'ls /o',
      'own\n',
    ],
    'a FIFO': [() => [{ path: 'pipe', type: 'fifo', mode: 0o600 }], '[ -p /pipe ] && echo fifo', 'fifo\n'],
    'a device of the host': [
      () => [{ path: 'sda', type: 'block', device: [8, 0], mode: 0o666 }],
      'cat /sda; ls /sda',
      has('root') ? '/sda\n' : '',
    ],
    'a time before and after all times': [() => [{ path: 'late', mtime: 8 ** 11 - 1 }], 'ls /late', '/late\n'],
    'an absolute link, and what is written below it': [
      () => [
        { path: 'run/', type: 'directory', mode: 0o755 },
        { path: 'var/run', type: 'symlink', target: '/run' },
        { path: 'var/run/file', data: 'inner' },
      ],
      'cat /run/file',
      'inner',
    ],
    'an absolute target of a hard link': [
      () => [
        { path: 'one', data: 'inner' },
        { path: 'two', type: 'link', target: '/one' },
      ],
      'cat /two',
      'inner',
    ],
    'a name twice': [
      () => [
        { path: 'n', data: 'first' },
        { path: 'n', data: 'second' },
      ],
      'cat /n',
      'second',
    ],
  }
  test.each(Object.entries(inside))('%s', async (_, [entries, script, expected]) => {
    const image = await importing(tarOfEntries([...place, ...entries()]))
    await unharmed()
    const seen = await seenIn(
      image,
      `CANARY='${canary}' OUTSIDE='${outside}'; ${script.replaceAll(/\b(cat|ls)\b/g, '/opt/busybox $1')}`,
    )
    expect(seen).toEqual(expected instanceof RegExp ? expect.stringMatching(expected) : expected)
    await unharmed()
    await image.remove()
  })

  test('across layers: a link below, and a write or a whiteout through it above', async () => {
    const { engine, directory } = host
    const layers: (readonly LayerEntry[])[] = [
      [...place, linkOut('d'), { path: 'e/', type: 'directory' }, { path: 'e/f', data: 'x' }],
      [{ path: 'd/canary', data: 'inner' }, { path: 'd/.wh.other' }, linkOut('e')],
    ]
    const image = await Image.load(await writeLayout(join(directory, 'across'), layers), { engine })
    await unharmed()
    expect(await seenIn(image, '/opt/busybox cat /d/canary; [ -L /e ] && echo , link')).toBe('inner, link\n')
    await unharmed()
    await image.remove()
  })
})
