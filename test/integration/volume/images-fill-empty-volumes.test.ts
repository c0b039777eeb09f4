// SPDX-License-Identifier: Apache-2.0
import { chmod, copyFile, mkdir, readdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Container, type ContainerOptions, Image, Volume } from '../../../src/index.js'
import { type LayerEntry, writeLayout } from '../../support/layered-layout.js'
import { has } from '../../support/needs.js'
import { useTestEngine } from '../../support/test-engine.js'

const owner = has('single id') ? { uid: 0, gid: 0 } : { uid: 70, gid: 71 }
const lower: readonly LayerEntry[] = [
  { path: 'opt/', type: 'directory', mode: 0o755, mtime: 1000 },
  { path: 'opt/busybox', mode: 0o755 },
  { path: 'srv/', type: 'directory', mode: 0o755 },
  { path: 'srv/db/', type: 'directory', mode: 0o1750, mtime: 5000, ...owner },
  { path: 'srv/db/conf', data: 'from below', mode: 0o640, mtime: 6000, ...owner },
  { path: 'srv/db/gone', data: 'gone' },
  { path: 'srv/db/sub/', type: 'directory', mode: 0o700, ...owner },
  { path: 'srv/db/sub/noted', data: 'x', xattrs: { 'user.note': Buffer.from('kept') } },
  { path: 'srv/db/sub/twin', type: 'link', target: 'srv/db/sub/noted' },
  { path: 'link', type: 'symlink', target: '/srv' },
]
const upper: readonly LayerEntry[] = [
  { path: 'srv/db/.wh.gone' },
  { path: 'srv/db/conf', data: 'from above', mode: 0o600, mtime: 7000, ...owner },
  { path: 'srv/db/to', type: 'symlink', target: 'conf' },
]

const filled = (snapshotter: 'overlay' | 'copy') => {
  beforeAll(() => {
    if (snapshotter === 'copy') process.env.TSCONTAINER_SNAPSHOTTER = 'copy'
  })
  afterAll(() => {
    delete process.env.TSCONTAINER_SNAPSHOTTER
  })
  const host = useTestEngine()
  let image: Image
  beforeAll(async () => {
    const layout = await writeLayout(join(host.directory, 'layout'), [lower, upper], { volumes: ['/srv/db'] })
    image = await Image.load(layout, { engine: host.engine })
    // Where / is an overlay, nothing of it can be bound with other owners.
    await copyFile('/bin/busybox', join(host.directory, 'busybox'))
    await chmod(join(host.directory, 'busybox'), 0o755)
  })
  const program = () =>
    ({ type: 'bind', source: join(host.directory, 'busybox'), target: '/opt/busybox', readonly: true }) as const
  const volume = (source: string, more: object = {}) =>
    ({ type: 'volume', source, target: '/srv/db', ...more }) as const
  const sh = async (script: string, { mounts = [], ...options }: ContainerOptions): Promise<string> => {
    const box = await Container.run(image, {
      engine: host.engine,
      idle: true,
      mounts: [program(), ...mounts],
      ...options,
    })
    try {
      return (await box.exec(['/opt/busybox', 'sh', '-c', `PATH=/opt; alias ls="busybox ls"; ${script}`])).stdout
    } finally {
      await box.remove({ force: true, volumes: true })
    }
  }
  const listing = '/opt/busybox find /srv/db | /opt/busybox sort; /opt/busybox cat /srv/db/conf; echo'
  const content = '/srv/db\n/srv/db/conf\n/srv/db/sub\n/srv/db/sub/noted\n/srv/db/sub/twin\n/srv/db/to\nfrom above\n'
  const data = (name: string) => join(host.root, 'volumes', name)

  test('with what its layers show together: owners, modes, times, links, and how the directory itself is', async () => {
    const stats = `/opt/busybox stat -c "%a %u:%g %Y %h %n" /srv/db /srv/db/conf /srv/db/sub/noted`
    const { uid, gid } = owner
    expect(await sh(`${listing}; ${stats}; /opt/busybox readlink /srv/db/to`, { mounts: [volume('first')] })).toBe(
      `${content}1750 ${uid}:${gid} 5000 3 /srv/db\n600 ${uid}:${gid} 7000 1 /srv/db/conf\n644 0:0 1 2 /srv/db/sub/noted\nconf\n`,
    )
    expect(await readdir(data('first'))).toEqual(['data', 'volume.json'])
  })

  test('once: what containers change stays changed', async () => {
    await sh('/opt/busybox rm -r /srv/db/sub /srv/db/to; echo mine >/srv/db/conf', { mounts: [volume('changed')] })
    expect(await sh(listing, { mounts: [volume('changed')] })).toBe('/srv/db\n/srv/db/conf\nmine\n\n')
  })

  test('not with nocopy', async () => {
    const bare = '/opt/busybox find /srv/db; /opt/busybox stat -c "%a %u:%g" /srv/db'
    expect(await sh(bare, { mounts: [volume('bare', { nocopy: true })] })).toBe('/srv/db\n755 0:0\n')
  })

  test('through links of the image', async () => {
    const linked = { ...volume('linked'), target: '/link/db' }
    expect(await sh(listing, { mounts: [linked] })).toBe(content)
  })

  test('where the image says so, for each container one of its own, unless the options mount something there', async () => {
    const seen = await sh(`${listing}; echo mine >/srv/db/own`, {})
    expect(seen).toBe(content)
    expect(await sh(listing, {})).toBe(content)
    expect(await sh('/opt/busybox ls /srv/db', { mounts: [{ type: 'tmpfs', target: '/srv/db' }] })).toBe('')
    expect((await Volume.list({ engine: host.engine, anonymous: true })).length).toBe(0)
  })

  test('anew after a copy that was cut off, and to its end where it was whole', async () => {
    const name = `cut-${snapshotter}`
    await Volume.create({ engine: host.engine, name })
    await mkdir(join(data(name), 'new/half'), { recursive: true })
    await writeFile(join(data(name), 'new/half/file'), 'half')
    expect(await sh(listing, { mounts: [volume(name)] })).toBe(content)
    // As a kill between two of its entries would leave it.
    if (!has('root')) return
    await mkdir(join(data(name), 'full'))
    await rename(join(data(name), 'data/sub'), join(data(name), 'full/sub'))
    await writeFile(join(data(name), 'full/conf'), 'too late')
    expect(
      await sh('/opt/busybox find /srv/db | /opt/busybox sort; /opt/busybox cat /srv/db/conf; echo', {
        mounts: [volume(name)],
      }),
    ).toBe(content)
    expect(await readdir(data(name))).toEqual(['data', 'volume.json'])
  })

  test('one time when ten containers are made at once', async () => {
    const boxes = await Promise.all(
      Array.from({ length: 10 }, () =>
        Container.create(image, { engine: host.engine, idle: true, mounts: [program(), volume('together')] }),
      ),
    )
    await boxes[9]?.start()
    expect((await boxes[9]?.exec(['/opt/busybox', 'sh', '-c', listing]))?.stdout).toBe(content)
    await Promise.all(boxes.map((box) => box.remove({ force: true })))
  })
}

describe('an image fills an empty volume', () => filled('overlay'))
describe('an image fills an empty volume where layers are copied', () => filled('copy'))
