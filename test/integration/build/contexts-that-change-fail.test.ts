// SPDX-License-Identifier: Apache-2.0
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { Container, Image } from '../../../src/index.js'
import { useTestEngine } from '../../support/test-engine.js'
import { makeRootfs, makeTar } from '../image/rootfs.js'

const host = useTestEngine()
const box = '/bin/busybox'

beforeAll(async () => {
  const tar = await makeTar(await makeRootfs(join(host.directory, 'rootfs')), join(host.directory, 'rootfs.tar'))
  await Image.import(tar, { engine: host.engine, tag: 'base:1' })
})

// What the key was made of is what has to be copied: else a later build would find other content under it.
test('a file that changes between the look at it and its copy fails the build, and is not found again as what it was', async () => {
  const context = join(host.directory, 'context')
  await mkdir(context)
  const dockerfileText = `FROM base:1\nRUN ${box} sleep 0.5\nCOPY file /file\n`
  const write = (text: string) => writeFile(join(context, 'file'), text)
  const build = (changed?: string) =>
    Image.build({
      engine: host.engine,
      context,
      dockerfileText,
      onProgress: (event) => {
        if (event.type === 'started' && event.step.name.includes('sleep') && changed) void write(changed)
      },
    })
  await write('one\n')
  await expect(build('two\n')).rejects.toMatchObject({ code: 'ERR_CONTEXT_CHANGED' })
  for (const text of ['one\n', 'two\n']) {
    await write(text)
    const argv = [box, 'cat', '/file']
    const { stdout } = await Container.runOnce(await build(), argv, { engine: host.engine, network: 'none' })
    expect(stdout).toBe(text)
  }
})
