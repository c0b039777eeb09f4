// SPDX-License-Identifier: Apache-2.0
import { createWriteStream } from 'node:fs'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Container, type Engine, Image } from '../../../src/index.js'
import { useTestEngine } from '../../support/test-engine.js'
import { run } from '../image/rootfs.js'
import { changes, doings, listTar, seeDoings } from './changes.js'
import { makeTwoLayerLayout } from './two-layer-layout.js'

const save = async (box: Container, file: string): Promise<string> => {
  await pipeline(Readable.fromWeb(box.export() as never), createWriteStream(file))
  return file
}

// Before an engine is opened: its supervisor finds this in its environment.
const useSnapshotter = (snapshotter: 'overlay' | 'copy') => {
  beforeAll(() => {
    if (snapshotter === 'copy') process.env.TSCONTAINER_SNAPSHOTTER = 'copy'
  })
  afterAll(() => {
    delete process.env.TSCONTAINER_SNAPSHOTTER
  })
}

for (const snapshotter of ['overlay', 'copy'] as const) {
  describe(`a container on the ${snapshotter} snapshotter`, () => {
    useSnapshotter(snapshotter)
    const host = useTestEngine()
    let engine: Engine
    let image: Image
    let box: Container
    beforeAll(async () => {
      engine = host.engine
      image = await Image.load(await makeTwoLayerLayout(host.directory), { engine })
      box = await Container.run(image, { engine, idle: true, name: 'changing' })
    })
    const told = async () => (await box.diff()).map(({ path, kind }) => [path, kind])

    test('has changed nothing at first, and commits to an image with no layer of its own', async () => {
      expect((await engine.info()).snapshotter).toBe(snapshotter)
      expect(await told()).toEqual([])
      const same = await box.commit({ tag: 'same', config: { cmd: ['x'] } })
      expect(same.layers).toEqual(image.layers)
      expect(same.config.cmd).toEqual(['x'])
      expect((await same.history()).at(-1)).toMatchObject({ emptyLayer: true })
      await same.remove()
    })

    test('tells what it changed, while it runs and when it has ended', async () => {
      await box.exec(['/bin/sh', '-c', doings])
      expect(await told()).toEqual(changes)
      await box.stop({ timeoutMs: 0 })
      expect(await told()).toEqual(changes)
      await box.start()
    })

    test('becomes an image that has the changes, and says how it came about', async () => {
      const committed = await box.commit({
        tag: 'my/committed:1',
        author: 'Ann',
        message: 'by hand',
        config: {
          env: ['A=1', 'PATH=/bin'],
          labels: { a: 'b' },
          cmd: ['/bin/sh'],
          exposedPorts: ['80'],
          workingDir: '/added',
        },
      })
      expect(box.state).toBe('running')
      expect(committed.tags).toEqual(['my/committed:1'])
      expect(committed.layers.length).toBe(image.layers.length + 1)
      expect(committed.config).toMatchObject({
        env: expect.arrayContaining(['A=1', 'PATH=/bin']),
        labels: { a: 'b' },
        cmd: ['/bin/sh'],
        exposedPorts: ['80/tcp'],
        workingDir: '/added',
      })
      expect((await committed.history()).at(-1)).toMatchObject({ author: 'Ann', comment: 'by hand' })
      expect((await committed.inspect()).author).toBe('Ann')
      await seeDoings(engine, committed)
      const seen = JSON.parse(await run('skopeo', 'inspect', `oci:${host.root}:docker.io/my/committed:1`))
      expect(seen.Layers.length).toBe(committed.layers.length)
    })

    test('gives the same layer each time, plain or compressed', async () => {
      const created = new Date(0)
      const [one, two] = [await box.commit({ created }), await box.commit({ created, pause: false })]
      expect(two.id).toBe(one.id)
      const small = await box.commit({ created, compression: 'gzip' })
      expect(small.id).toBe(one.id)
      expect(small.digest).not.toBe(one.digest)
      expect(small.layers.at(-1)?.sizeBytes).toBeLessThan(one.layers.at(-1)?.sizeBytes ?? 0)
      await seeDoings(engine, small)
    })

    test('is exported as it is seen, running and stopped, and imported again', async () => {
      const running = await listTar(await save(box, join(host.directory, `${snapshotter}-running.tar`)))
      await box.stop({ timeoutMs: 0 })
      const file = await save(box, join(host.directory, `${snapshotter}-stopped.tar`))
      expect(await listTar(file)).toEqual(running)
      const names = running.flatMap((line) => / ((?:added|cleared)\/\S*)/.exec(line)?.[1] ?? [])
      expect(names.sort()).toEqual([
        'added/',
        ...changes.slice(1, 6).map(([path]) => path?.slice(1)),
        'cleared/',
        'cleared/fresh',
      ])
      expect(running.find((line) => line.includes('etc/kept'))).toMatch(/^-rw------- 0\/0 10 2009-02-13/)
      await seeDoings(engine, await Image.import(file, { engine, tag: `${snapshotter}:imported` }))
      await box.start()
    })

    test('stops an export that is left or aborted', async () => {
      const reader = box.export().getReader()
      await reader.read()
      await reader.cancel()
      const abort = new AbortController()
      const other = box.export({ signal: abort.signal }).getReader()
      await other.read()
      abort.abort(new Error('enough'))
      await expect(
        (async () => {
          for (;;) if ((await other.read()).done) return
        })(),
      ).rejects.toThrow('enough')
      expect((await box.exec(['/bin/sh', '-c', 'echo fine'])).stdout).toBe('fine\n')
    })

    test('that is gone can be neither exported nor committed', async () => {
      const gone = await Container.create(image, { engine, idle: true })
      await gone.remove()
      await expect(gone.diff()).rejects.toMatchObject({ code: 'ERR_CONTAINER_NOT_FOUND' })
      await expect(gone.commit()).rejects.toMatchObject({ code: 'ERR_CONTAINER_NOT_FOUND' })
      await expect(gone.export().getReader().read()).rejects.toMatchObject({ code: 'ERR_CONTAINER_NOT_FOUND' })
    })

    test('of a detached monitor is read like any other', async () => {
      const detached = await Container.run(image, { engine, idle: true, detached: true })
      try {
        await detached.exec(['/bin/sh', '-c', 'echo x > /etc/new'])
        expect((await detached.diff()).map(({ path }) => path)).toEqual(['/etc', '/etc/new'])
        await detached.stop({ timeoutMs: 0 })
        const committed = await detached.commit()
        expect(committed.layers.length).toBe(image.layers.length + 1)
      } finally {
        await detached.remove({ force: true })
      }
    })

    test('with names that no layer can have is exported, not committed, and leaves nothing of the attempt', async () => {
      const odd = await Container.run(image, { engine, idle: true })
      await odd.exec(['/bin/sh', '-c', ': > /.wh.odd'])
      const before = (await readdir(join(host.root, 'blobs/sha256'))).length
      await expect(odd.commit()).rejects.toMatchObject({ step: 'pack layer', errno: 'EINVAL' })
      expect((await readdir(join(host.root, 'blobs/sha256'))).length).toBe(before)
      expect(await run('tar', '-tf', await save(odd, join(host.directory, 'odd.tar')))).toContain('.wh.odd')
      await odd.remove({ force: true })
    })

    test('of this machine’s own /usr is no image', async () => {
      const own = await host.idle()
      await own.exec(['sh', '-c', 'echo x > /new'])
      expect((await own.diff()).map(({ path }) => path)).toEqual(['/new'])
      await expect(own.commit()).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
      await own.remove({ force: true })
    })

    test('counts on the disk for as much as it wrote', async () => {
      const before = (await engine.diskUsage()).containers
      await writeFile(join(host.directory, 'unused'), '')
      await box.exec([
        '/bin/sh',
        '-c',
        '/bin/busybox dd if=/dev/zero of=/big bs=1M count=5 2>/dev/null; /bin/busybox sync',
      ])
      const after = (await engine.diskUsage()).containers
      expect(after.count).toBe(before.count)
      expect(after.bytes - before.bytes).toBeGreaterThanOrEqual(5 * 1024 * 1024)
      await box.remove({ force: true })
    })
  })
}
