// SPDX-License-Identifier: Apache-2.0
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { expect, test } from 'vitest'
import { Container, Image } from '../../../src/index.js'
import { useTestEngine } from '../../support/test-engine.js'
import { doings } from '../container/changes.js'
import { makeTwoLayerLayout } from '../container/two-layer-layout.js'
import { run } from './rootfs.js'

const host = useTestEngine()

const listing = async (root: string) => {
  const format = ['-type', 'd', '-printf', '%P %y %m %U:%G %T@\\n', '-o', '-printf', '%P %y %m %U:%G %n %s %T@ %l\\n']
  const lines = (await run('find', root, '-mindepth', '1', '(', ...format, ')')).trimEnd().split('\n').sort()
  const sums = await run('sh', '-c', 'cd "$0" && find . -type f | LC_ALL=C sort | xargs sha256sum', root)
  return [...lines, ...sums.split('\n')]
}

test('umoci unpacks, out of the store, the tree that the container had', async () => {
  const { engine } = host
  const image = await Image.load(await makeTwoLayerLayout(host.directory), { engine })
  const box = await Container.run(image, { engine, idle: true })
  await box.exec(['/bin/sh', '-c', doings])
  await box.stop({ timeoutMs: 0 })
  for (const compression of ['none', 'gzip'] as const)
    await box.commit({ tag: `committed:${compression}`, compression })
  const tar = join(host.directory, 'export.tar')
  await pipeline(Readable.fromWeb(box.export() as never), createWriteStream(tar))
  await box.remove()
  const exported = join(host.directory, 'exported')
  await mkdir(exported)
  await run('tar', '--numeric-owner', '-C', exported, '-xpf', tar)
  const expected = await listing(exported)
  expect(expected.length).toBeGreaterThan(20)
  const rootless = process.getuid?.() === 0 ? [] : ['--rootless']
  for (const compression of ['none', 'gzip']) {
    const bundle = join(host.directory, compression)
    const source = `${host.root}:docker.io/library/committed:${compression}`
    await run('umoci', 'unpack', ...rootless, '--image', source, bundle)
    expect(await listing(join(bundle, 'rootfs'))).toEqual(expected)
  }
})
