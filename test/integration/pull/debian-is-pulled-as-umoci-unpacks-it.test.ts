// SPDX-License-Identifier: Apache-2.0
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { Container, Image } from '../../../src/index.js'
import { debianTar } from '../../support/debian.js'
import { testNeeding } from '../../support/needs.js'
import { slow } from '../../support/slow.js'
import { run } from '../image/rootfs.js'
import { skopeo } from './layered-images.js'
import { collect, layersOf, usePullFixture } from './pull-fixture.js'

// 170 MB and 5,000 files: deleting them from a disk takes longer than everything else here.
const fixture = usePullFixture(process.env.TSC_TEST_ROOT ?? '/dev/shm')
const slowly = 180_000 * slow

// An image that umoci made: the layer is its own tar and gzip.
beforeAll(async () => {
  const { directory, ref } = fixture
  const layout = join(directory, 'umoci')
  const image = ['--image', `${layout}:debian`]
  await run('umoci', 'init', '--layout', layout)
  await run('umoci', 'new', ...image)
  await run('umoci', 'raw', 'add-layer', ...image, debianTar())
  await skopeo('copy', '-q', '--dest-tls-verify=false', `oci:${layout}:debian`, `docker://${ref('debian:12')}`)
}, slowly)

test(
  'a real Debian comes layer by layer, and its programs run',
  async () => {
    const { engine, ref } = fixture
    const pull = Image.pull(ref('debian:12'), { engine })
    const events = await collect(pull)
    const image = await pull
    const downloads = events.flatMap((event) =>
      event.type === 'layer' && event.phase === 'download' ? [event.bytes] : [],
    )
    expect(downloads).toEqual([...downloads].sort((a, b) => a - b))
    // Told often enough for a bar, and not for each piece that comes.
    expect(events.length).toBeGreaterThan(5)
    expect(events.length).toBeLessThan(1000)
    const { stdout } = await Container.runOnce(image, ['/usr/bin/dpkg-query', '-W', 'dpkg'], {
      engine,
      network: 'none',
    })
    expect(stdout).toMatch(/^dpkg\t1\./)
  },
  slowly,
)

testNeeding('root')(
  'its tree is the one that umoci unpacks, byte for byte',
  async () => {
    const { engine, directory, ref } = fixture
    await Image.pull(ref('debian:12'), { engine })
    const bundle = join(await mkdtemp(join(directory, 'bundle-')), 'b')
    await run('umoci', 'unpack', '--image', `${join(directory, 'umoci')}:debian`, bundle)
    const [layer] = await layersOf(engine.root)
    const sum = (tree: string) =>
      run(
        'sh',
        '-c',
        'cd "$0" && tar --sort=name --numeric-owner --xattrs --xattrs-include="*" --pax-option=delete=atime,delete=ctime -cf - * | sha256sum',
        tree,
      )
    expect(await sum(join(engine.root, 'layers', layer!, 'fs'))).toBe(await sum(join(bundle, 'rootfs')))
  },
  slowly,
)

test(
  'pushed again it is what skopeo copied in',
  async () => {
    const { engine, ref } = fixture
    const image = await Image.pull(ref('debian:12'), { engine })
    await image.push(ref('again/debian:12'))
    const digestOf = async (name: string) =>
      JSON.parse(await skopeo('inspect', '--tls-verify=false', `docker://${ref(name)}`)).Digest
    expect(await digestOf('again/debian:12')).toBe(await digestOf('debian:12'))
  },
  slowly,
)
