// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { Container, EngineError, Image, type Mount, Volume } from '../../../src/index.js'
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
const program = { type: 'bind', source: '/bin/busybox', target: '/opt/busybox', readonly: true } as const
const place: readonly LayerEntry[] = [
  { path: 'opt/', type: 'directory', mode: 0o755 },
  { path: 'opt/busybox', mode: 0o755 },
]

let images = 0
const imageWith = async (volumes: readonly string[], entries: readonly LayerEntry[] = []): Promise<Image> => {
  const name = `example.com/hostile:${++images}`
  const layout = await writeLayout(join(host.directory, `layout-${images}`), [[...place, ...entries]], {
    volumes,
    name,
  })
  return await Image.load(layout, { engine: host.engine })
}
const seenIn = async (image: Image, script: string, mounts: readonly Mount[] = []): Promise<string> => {
  const box = await Container.run(image, { engine: host.engine, idle: true, mounts: [program, ...mounts] })
  try {
    return (await box.exec(['/opt/busybox', 'sh', '-c', script], { check: false })).stdout
  } finally {
    await box.remove({ force: true, volumes: true })
  }
}

test('VOLUME /../../etc is /etc of the container', async () => {
  const image = await imageWith(
    ['/../../etc'],
    [
      { path: 'etc/', type: 'directory', mode: 0o755 },
      { path: 'etc/own', data: 'of the image' },
    ],
  )
  const before = await readdir('/etc')
  expect(
    await seenIn(
      image,
      '/opt/busybox cat /etc/own; echo x >/etc/tscontainer-was-here; /opt/busybox grep -c " /etc " /proc/mounts',
    ),
  ).toBe('of the image1\n')
  expect(await readdir('/etc')).toEqual(before)
})

test('VOLUME over what the kernel shows leaves it the kernel’s', async () => {
  const image = await imageWith(['/proc', '/sys/fs/cgroup', '/x/../dev', '/dev/shm', '/'])
  const seen = await seenIn(image, '/opt/busybox awk \'$2 ~ "^/(proc|dev|dev/shm)$" {print $2, $3}\' /proc/mounts')
  expect(seen.trim().split('\n').sort()).toEqual(['/dev tmpfs', '/dev/shm tmpfs', '/proc proc'])
})

test('an image puts no devices into a volume, and setuid is of no use there', async () => {
  const image = await imageWith(
    ['/v'],
    [
      { path: 'v/', type: 'directory', mode: 0o755 },
      { path: 'v/disk', type: 'block', device: [254, 0], mode: 0o666 },
      { path: 'v/suid', data: 'x', mode: 0o4755 },
    ],
  )
  expect(await seenIn(image, '/opt/busybox ls /v; /opt/busybox grep " /v " /proc/mounts')).toMatch(
    /^suid\n.* \/v .*nosuid,nodev/,
  )
})

test('a volume at a link of the image is not filled from the host', async () => {
  const image = await imageWith(
    ['/link', '/loop'],
    [
      { path: 'link', type: 'symlink', target: outside },
      { path: 'loop', type: 'symlink', target: 'loop' },
    ],
  )
  const created = await Container.create(image, { engine: host.engine, idle: true, mounts: [program] }).catch(
    (error: unknown) => error,
  )
  // A link without an end is no place for a mount.
  expect(EngineError.is(created)).toBe(true)
  // The same path, but of the image.
  const parents = outside.split('/').map((_, index, parts) => `${parts.slice(1, index + 1).join('/')}/`)
  const own: readonly LayerEntry[] = [
    ...parents.slice(1).map((path) => ({ path, type: 'directory', mode: 0o755 }) as const),
    { path: `${outside.slice(1)}/own`, data: 'own' },
    { path: 'link', type: 'symlink', target: outside },
  ]
  const other = await imageWith(['/link'], own)
  expect(await seenIn(other, `/opt/busybox ls /link; echo x >/link/x; /opt/busybox ls ${outside}`)).toBe(
    'own\nown\nx\n',
  )
  await unharmed()
  expect(await Volume.list({ engine: host.engine })).toEqual([])
})

describe('a neighbour on a shared volume', () => {
  const shared = (target: string, more: object = {}): Mount => ({ type: 'volume', source: 'shared', target, ...more })

  // CVE-2021-30465, CVE-2024-45310: a directory that is swapped for a link while something is mounted there.
  test('who swaps a mount’s place for links leads it neither out nor over the kernel’s files', async () => {
    const swapper = await host.idle({ mounts: [shared('/v')] })
    await swapper.sh('mkdir -p /v/place /v/a')
    const swapping = swapper.sh(
      `while :; do ln -sfn ${outside} /v/t; mv -T /v/place /v/b; mv -T /v/t /v/place; ` +
        'ln -sfn ../../../../proc /v/t; mv -T /v/t /v/place; rm /v/place; mv -T /v/b /v/place; done',
      { check: false },
    )
    const source = join(host.directory, 'secret')
    await mkdir(source, { recursive: true })
    await writeFile(join(source, 'file'), 'secret')
    const outcomes = new Set<string>()
    for (let round = 0; round < 60; round++) {
      try {
        const box = await host.idle({ mounts: [shared('/v'), { type: 'bind', source, target: '/v/place/sys' }] })
        const { stdout } = await box.sh(
          'awk \'$2 ~ "^/proc" && $3 != "tmpfs" && $3 != "devtmpfs" {print $2, $3}\' /proc/mounts',
        )
        expect(stdout.split('\n').filter((line) => line !== '' && !line.endsWith(' proc'))).toEqual([])
        outcomes.add('made')
        await box.remove({ force: true })
      } catch (error) {
        if (!EngineError.is(error)) throw error
        outcomes.add('refused')
      }
    }
    await swapper.remove({ force: true })
    await swapping.catch(() => {})
    expect(outcomes.size).toBeGreaterThan(0)
    await unharmed()
  })

  test('who puts links where a part is mounted from leads it nowhere outside', async () => {
    const box = await host.idle({ mounts: [shared('/v')] })
    await box.sh(
      `ln -s ${outside} /v/abs; ln -s ../../../../../..${outside} /v/rel; ln -s /proc/self/root /v/magic; mkdir /v/ok`,
    )
    for (const subpath of ['abs', 'rel', 'magic', 'abs/canary']) {
      const refusal = await host.create({ mounts: [shared('/part', { subpath })] }).catch((error: unknown) => error)
      expect(EngineError.is(refusal, 'ERR_INVALID_ARGUMENT')).toBe(true)
    }
    await box.remove({ force: true })
    await unharmed()
  })
})

test('names of volumes are no paths', async () => {
  for (const name of ['..', '.', 'a/b', '/etc', '', 'a\0b', 'x'.repeat(200), '-x']) {
    const refusal = await Volume.create({ engine: host.engine, name }).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'ERR_INVALID_ARGUMENT', option: 'name' })
    const mounting = await host
      .create({ mounts: [{ type: 'volume', source: name, target: '/v' }] })
      .catch((error: unknown) => error)
    expect(mounting).toMatchObject({ code: 'ERR_INVALID_ARGUMENT', option: 'mounts[0].source' })
  }
})
