// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Container, Image } from '../../../src/index.js'
import { type LayerEntry, writeLayout } from '../../support/layered-layout.js'
import { has } from '../../support/needs.js'
import { useTestEngine } from '../../support/test-engine.js'
import { run } from './rootfs.js'

// A place for a program: bound at a place that is not there, it would change the time of the root.
const place: readonly LayerEntry[] = [
  { path: 'opt/', type: 'directory', mode: 0o755, mtime: 1000 },
  { path: 'opt/busybox', mode: 0o755 },
]
const root = (entry: Partial<LayerEntry>): LayerEntry => ({ path: './', type: 'directory', ...entry })
const note = { 'user.note': Buffer.from('of the root') }
const lowest = [root({ mode: 0o1751, uid: 5, gid: 6, mtime: 12_345, xattrs: note }), ...place]
const silent: readonly LayerEntry[] = [{ path: 'opt/x', data: 'x', mtime: 1000 }]
const highest = [root({ mode: 0o2711, uid: 7, gid: 0, mtime: 23_456 }), ...silent]
const hiding: readonly LayerEntry[] = [{ path: '.wh..wh..opq' }, ...place]

const stacks = {
  'its lowest layer says': { layers: [lowest, silent], expected: '1751 5:6 12345' },
  'its highest layer says': { layers: [lowest, silent, highest], expected: '2711 7:0 23456' },
  'a layer says that another hides': { layers: [lowest, hiding], expected: '1751 5:6 12345' },
  'nobody says': { layers: [place, silent], expected: /^755 0:0 / },
} as const
// With one id every file is the caller's.
const asSeen = (expected: string | RegExp) =>
  has('single id') && typeof expected === 'string' ? expected.replace(/ \d+:\d+ /, ' 0:0 ') : expected

const roots = (snapshotter: 'overlay' | 'copy') => {
  beforeAll(() => {
    if (snapshotter === 'copy') process.env.TSCONTAINER_SNAPSHOTTER = 'copy'
  })
  afterAll(() => {
    delete process.env.TSCONTAINER_SNAPSHOTTER
  })
  const host = useTestEngine()
  const load = async (name: string, layers: readonly (readonly LayerEntry[])[]) => {
    const layout = await writeLayout(join(host.directory, name.replaceAll(' ', '-')), layers)
    return { layout, image: await Image.load(layout, { engine: host.engine }) }
  }
  const seenIn = async (image: Image, detached = false): Promise<string> => {
    const mounts = [{ type: 'bind', source: '/bin/busybox', target: '/opt/busybox', readonly: true }] as const
    const box = await Container.run(image, { engine: host.engine, idle: true, mounts, detached })
    try {
      const seen = await box.exec(['/opt/busybox', 'stat', '-c', '%a %u:%g %Y', '/'])
      return seen.stdout.trim()
    } finally {
      await box.remove({ force: true })
    }
  }

  for (const [name, { layers, expected }] of Object.entries(stacks)) {
    test(`are as ${name}, for the first container and those that follow`, async () => {
      const { image, layout } = await load(name, layers)
      const matching =
        typeof expected === 'string'
          ? expect.stringMatching(new RegExp(`^${asSeen(expected)}$`))
          : expect.stringMatching(expected)
      for (let i = 0; i < 3; i++) expect(await seenIn(image)).toEqual(matching)
      expect(await seenIn(image, true)).toEqual(matching)
      const bundle = join(host.directory, `${name.replaceAll(' ', '-')}-bundle`)
      const rootless = has('root') ? [] : ['--rootless']
      await run('umoci', 'unpack', ...rootless, '--image', `${layout}:example.com/layered:1`, bundle)
      const format = has('root') ? '%a %u:%g %Y' : '%a %Y'
      const theirs = (await run('stat', '-c', format, join(bundle, 'rootfs'))).trim()
      // Where no layer says it, umoci leaves the time at which it was at work.
      if (typeof expected === 'string') expect(theirs).toBe(has('root') ? expected : expected.replace(/ \d+:\d+/, ''))
      await image.remove({ force: true })
    })
  }

  test('differ between images that share their layers, whichever was used before', async () => {
    const one = await load('one', [lowest, silent])
    const other = await load('other', [lowest, highest])
    for (const { image, expected } of [
      { image: one.image, expected: '1751 5:6 12345' },
      { image: other.image, expected: '2711 7:0 23456' },
      { image: one.image, expected: '1751 5:6 12345' },
    ]) {
      expect(await seenIn(image)).toBe(asSeen(expected))
    }
  })

  test('are no change of the container, and belong to it', async () => {
    const { image } = await load('changes', [lowest])
    const box = await Container.run(image, {
      engine: host.engine,
      idle: true,
      mounts: [{ type: 'bind', source: '/bin/busybox', target: '/opt/busybox', readonly: true }],
    })
    expect(await box.diff()).toEqual([])
    expect(
      (await box.exec(['/opt/busybox', 'sh', '-c', 'cd / && /opt/busybox chmod 700 . && /opt/busybox stat -c %a /']))
        .stdout,
    ).toBe('700\n')
    await box.remove({ force: true })
    expect(await seenIn(image)).toBe(asSeen('1751 5:6 12345'))
  })
}

describe('root directories under overlay', () => roots('overlay'))
describe('root directories that are copied', () => roots('copy'))
