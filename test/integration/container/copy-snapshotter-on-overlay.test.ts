// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { testNeeding } from '../../support/needs.js'
import { slow } from '../../support/slow.js'
import { scratchBase } from '../../support/test-engine.js'
import { run } from '../image/rootfs.js'
import { lookAround, makeTwoLayerLayout, seenInside } from './two-layer-layout.js'

const top = join(import.meta.dirname, '../../..')
let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(scratchBase(), 'tsc-nested-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

const program = (layout: string) => `
  import { existsSync } from 'node:fs'
  import { Container, Engine, Image } from '${join(top, 'src/index.ts')}'
  const [root, runRoot] = ['${directory}/m/root', '${directory}/m/run']
  const engine = await Engine.open({ root, runRoot })
  const { snapshotter } = await engine.info()
  const image = await Image.load('${layout}', { engine })
  const look = async (userns) => {
    const box = await Container.run(image, { engine, idle: true, userns })
    const { stdout: seen } = await box.exec(['/bin/sh', '-c', ${JSON.stringify(lookAround)}])
    const script = 'echo x > /etc/kept; : > /new; /bin/busybox stat -c %u:%g /new /etc/kept /bin/sh'
    const { stdout: owners } = await box.exec(['/bin/sh', '-c', script])
    await box.remove({ force: true })
    return { seen, owners }
  }
  const boxes = [await look('private'), await look('host'), await look('private')]
  await image.remove()
  await engine.close()
  while (existsSync(runRoot + '/v1/supervisor.sock')) await new Promise((resolve) => setTimeout(resolve, 10))
  console.log(JSON.stringify({ snapshotter, boxes }))
`

// As it is inside of most containers: the only file system is an overlay, on which no other can be mounted, which makes no
// whiteout devices and shows no other owners.
testNeeding('root', 'overlay')(
  'an engine whose data is on an overlay copies, whiteouts and owners included',
  async () => {
    const layout = await makeTwoLayerLayout(directory)
    await writeFile(join(directory, 'nested.mts'), program(layout))
    for (const name of ['l', 'u', 'w', 'm']) await mkdir(join(directory, name))
    // The mount ends with the namespace.
    const mount = `mount -t overlay none -o lowerdir=${directory}/l,upperdir=${directory}/u,workdir=${directory}/w ${directory}/m`
    const node = `exec ${process.execPath} --import ${join(top, 'node_modules/tsx/dist/loader.mjs')} ${directory}/nested.mts`
    const output = await run(
      'unshare',
      '--mount',
      '--propagation',
      'private',
      'sh',
      '-c',
      `${mount} && mkdir -m 700 ${directory}/m/run && ${node}`,
    )
    const box = { seen: seenInside, owners: '0:0\n0:0\n0:0\n' }
    expect(JSON.parse(output)).toEqual({ snapshotter: 'copy', boxes: [box, box, box] })
  },
  120_000 * slow,
)
