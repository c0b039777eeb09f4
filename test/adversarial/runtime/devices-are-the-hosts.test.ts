// SPDX-License-Identifier: Apache-2.0
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { Container, type ContainerOptions, Image, type Mount } from '../../../src/index.js'
import { run } from '../../integration/image/rootfs.js'
import { type LayerEntry, writeLayout } from '../../support/layered-layout.js'
import { has, testNeeding } from '../../support/needs.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
// A node that anybody may open, and of which there is something to read; a disk would be one too.
const zero = { type: 'char', device: [1, 5], mode: 0o666 } as const
let image: Image
let source: string
beforeAll(async () => {
  const place = (path: string) => ({ path, type: 'directory', mode: 0o755 }) as const
  const entries: readonly LayerEntry[] = [
    place('opt/'),
    { path: 'opt/busybox', mode: 0o755 },
    { path: 'zero', ...zero },
    place('v/'),
    { path: 'v/zero', ...zero },
  ]
  const layout = await writeLayout(join(host.directory, 'layout'), [entries], { volumes: ['/v'] })
  image = await Image.load(layout, { engine: host.engine })
  source = join(host.directory, 'source')
  await mkdir(source)
  if (has('root')) await run('mknod', '-m', '666', join(source, 'zero'), 'c', '1', '5')
})

const opened = async (options: ContainerOptions, paths: readonly string[]): Promise<readonly string[]> => {
  const mounts: readonly Mount[] = [
    { type: 'bind', source: '/bin/busybox', target: '/opt/busybox', readonly: true },
    { type: 'bind', source, target: '/bound' },
    { type: 'tmpfs', target: '/scratch', mode: 0o777 },
    { type: 'image', source: 'example.com/layered:1', target: '/other' },
  ]
  const box = await Container.run(image, { engine: host.engine, idle: true, mounts, ...options })
  const script = `b=/opt/busybox; for p in / /scratch /bound /dev/shm /v; do $b mknod $p/made c 1 5; done 2>/dev/null
    for f in ${paths.join(' ')}; do [ "$($b head -c 3 $f 2>/dev/null | $b wc -c)" = 3 ] && echo $f; done; $b true`
  try {
    const { stdout } = await box.exec(['/opt/busybox', 'sh', '-c', script])
    return stdout.split('\n').filter((line) => line !== '')
  } finally {
    await box.remove({ force: true, volumes: true })
  }
}
const places = ['/zero', '/v/zero', '/bound/zero', '/other/zero']
const made = ['/made', '/scratch/made', '/bound/made', '/dev/shm/made', '/v/made']

test('device nodes that come with an image, a volume or a bind cannot be opened, and none can be made', async () => {
  expect(await opened({}, [...places, ...made, '/dev/zero'])).toEqual(['/dev/zero'])
})

testNeeding('root')('nor where root is the host’s and may make nodes', async () => {
  const options = { userns: 'host', capabilities: { add: ['MKNOD'] } } as const
  expect(await opened(options, [...places, ...made, '/dev/zero'])).toEqual(['/dev/zero'])
})

testNeeding('root')('who is privileged opens those of its image', async () => {
  expect(await opened({ privileged: true, userns: 'host' }, ['/zero', '/made'])).toEqual(['/zero', '/made'])
})
