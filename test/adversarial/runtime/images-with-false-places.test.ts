// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { Container, type ContainerOptions, type Engine, EngineError, Image } from '../../../src/index.js'
import { makeCanary } from '../../support/canary.js'
import { type LayerEntry, writeLayout } from '../../support/layered-layout.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
let outside: string
let unharmed: () => Promise<void>
beforeAll(async () => {
  const canary = await makeCanary(host.directory)
  outside = canary.outside
  unharmed = canary.unharmed
})

const directory = (path: string): LayerEntry => ({ path, type: 'directory', mode: 0o755 })
const link = (path: string, target: string): LayerEntry => ({ path, type: 'symlink', target })
// Of which the image has the same path, so that a link there leads to something of its own.
const places = (outside: string): Readonly<Record<string, readonly LayerEntry[]>> => ({
  'proc a link to the host': [link('proc', outside)],
  'proc a link upwards': [link('proc', '../../../../../proc')],
  'proc a link to a directory of its own': [directory('x/'), directory('x/proc/'), link('proc', '/x/proc')],
  'proc a file': [{ path: 'proc', data: 'x' }],
  'a proc of its own': [
    directory('proc/'),
    directory('proc/self/'),
    directory('proc/sys/'),
    directory('proc/sys/net/'),
    { path: 'proc/sys/net/ipv4', type: 'symlink', target: outside },
    link('proc/self/attr', outside),
    link('proc/self/fd', outside),
    link('proc/kcore', join(outside, 'canary')),
  ],
  'dev a link to the host': [link('dev', outside)],
  'dev a link to its proc': [link('dev', '/proc')],
  'dev full of links': [
    directory('dev/'),
    link('dev/null', join(outside, 'canary')),
    link('dev/pts', outside),
    link('dev/ptmx', join(outside, 'canary')),
    link('dev/console', join(outside, 'canary')),
    link('dev/shm', outside),
  ],
  'sys a link to the host': [link('sys', outside)],
  'sys full of links': [
    directory('sys/'),
    directory('sys/fs/'),
    link('sys/fs/cgroup', outside),
    link('sys/firmware', outside),
  ],
  'etc a link to the host': [link('etc', outside)],
  'etc full of links': [
    directory('etc/'),
    link('etc/hosts', join(outside, 'canary')),
    link('etc/hostname', '/proc/sysrq-trigger'),
    link('etc/resolv.conf', join(outside, 'canary')),
    link('etc/mtab', join(outside, 'canary')),
  ],
  'a mount point that is a link to the host': [link('data', outside)],
  'a mount point that is a link to what the kernel shows': [link('data', '/proc/self')],
  'root and tmp links to the host': [
    link('root', outside),
    link('tmp', outside),
    link('run', outside),
    link('var', outside),
  ],
})

// CVE-2019-19921, 2023-27561, 2023-28642, 2025-31133, 2025-52565, 2025-52881, 2026-41579.
test.each(Object.keys(places('/')).map((name, index) => [name, index] as const))('%s', async (name, index) => {
  const program = [directory('opt/'), { path: 'opt/busybox', mode: 0o755 }]
  const reference = `example.com/places:${index}`
  const layout = await writeLayout(
    join(host.directory, `layout-${index}`),
    [[...program, ...(places(outside)[name] ?? [])]],
    {
      name: reference,
    },
  )
  const image = await Image.load(layout, { engine: host.engine })
  const script = `b=/opt/busybox; $b stat -f -c %T /proc; $b test -e /proc/self/status && echo own
    $b stat -f -c %T /sys; $b stat -c "%t:%T" /dev/null; echo x >/dev/null
    for f in /proc/sysrq-trigger /proc/sys/kernel/core_pattern; do (echo x >$f) 2>/dev/null && echo "$f"; done
    $b head -c 1 /proc/kcore; $b cat ${outside}/canary 2>/dev/null; $b cat /proc/sys/net/ipv4/ip_default_ttl`
  const options: ContainerOptions & { readonly engine: Engine } = {
    engine: host.engine,
    command: ['/opt/busybox', 'sh', '-c', 'while :; do /opt/busybox sleep 1; done'],
    tty: true,
    network: 'none',
    sysctls: { 'net.ipv4.ip_default_ttl': '77' },
    mounts: [
      { type: 'bind', source: '/bin/busybox', target: '/opt/busybox', readonly: true },
      { type: 'tmpfs', target: '/data/deep' },
    ],
  }
  let box: Container | undefined
  try {
    box = await Container.run(image, options)
    const { stdout } = await box.exec(['/opt/busybox', 'sh', '-c', script], { check: false })
    expect(stdout.split('\n').filter((line) => line !== '')).toEqual(['proc', 'own', 'sysfs', '1:3', '77'])
    await box.exec(['/opt/busybox', 'true'], { tty: { columns: 80, rows: 24 } })
    await box.fs.writeFile('/etc/x', 'x').catch(() => {})
  } catch (error) {
    if (!EngineError.is(error)) throw error
    expect(error.code, error.message).toMatch(/START_FAILED|INVALID|NATIVE|PERMISSION/)
  } finally {
    await box?.remove({ force: true })
  }
  await unharmed()
  await image.remove({ force: true })
})
