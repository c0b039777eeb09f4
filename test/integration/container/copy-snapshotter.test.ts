// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Container, Engine, Image } from '../../../src/index.js'
import { runProgram } from '../../support/program.js'
import { slow } from '../../support/slow.js'
import { useTestEngine } from '../../support/test-engine.js'
import { makeRootfs, makeTar, run } from '../image/rootfs.js'
import { lookAround, makeTwoLayerLayout, seenInside } from './two-layer-layout.js'

// Before the engine is opened: its supervisor finds this in its environment.
beforeAll(() => {
  process.env.TSCONTAINER_SNAPSHOTTER = 'copy'
})
afterAll(() => {
  delete process.env.TSCONTAINER_SNAPSHOTTER
})
const host = useTestEngine()

let layered: Image
beforeAll(async () => {
  layered = await Image.load(await makeTwoLayerLayout(host.directory), { engine: host.engine })
})

const inside = async (box: Container, script: string): Promise<string> =>
  (await box.exec(['/bin/sh', '-c', script])).stdout
const idle = (image: Image) => Container.run(image, { engine: host.engine, idle: true })
const nothingLeft = async () =>
  (await readdir(join(host.root, 'containers'))).length === 0 && (await readdir(join(host.root, 'names'))).length === 0

/** Everything below the layers that a write could change: names, sizes, times. */
const layersNow = async () =>
  process.getuid?.() === 0
    ? await run('find', join(host.root, 'layers'), '-printf', '%p %s %T@ %C@\n')
    : // Not ours to read, but then nothing could be written to it either without changing this.
      await run('find', join(host.root, 'layers'), '-maxdepth', '1', '-printf', '%p %T@\n')

describe('where no overlay can be mounted', () => {
  test('the engine says that layers are copied', async () => {
    expect((await host.engine.info()).snapshotter).toBe('copy')
  })

  test('a container sees its layers laid over each other', async () => {
    const box = await idle(layered)
    expect(await inside(box, lookAround)).toBe(seenInside)
    expect(await inside(box, '/bin/busybox grep " / / \\| / rw" /proc/self/mountinfo')).not.toContain('overlay')
    await box.remove({ force: true })
    expect(await nothingLeft()).toBe(true)
  })

  test('what a container writes is its own, outlives a stop, and changes no image', async () => {
    const before = await layersNow()
    const box = await idle(layered)
    const other = await idle(layered)
    await inside(box, 'echo changed > /etc/kept; echo new > /cleared/new; /bin/busybox rm -r /tmp; : > /cleared/above')
    expect(await inside(other, '/bin/busybox cat /etc/kept /cleared/above; /bin/busybox ls -d /tmp')).toBe(
      'kept\nabove\n/tmp\n',
    )
    await box.stop({ timeoutMs: 0 })
    await box.start()
    expect(await inside(box, '/bin/busybox cat /etc/kept /cleared/new; /bin/busybox ls -d /tmp || echo gone')).toBe(
      'changed\nnew\ngone\n',
    )
    expect(await layersNow()).toBe(before)
    const third = await idle(layered)
    expect(await inside(third, lookAround)).toBe(seenInside)
    for (const each of [box, other, third]) await each.remove({ force: true })
    expect(await nothingLeft()).toBe(true)
  })

  test('owners are those of the image, as far as there are ids', async () => {
    const rootfs = await makeRootfs(join(host.directory, 'rootfs'))
    const tar = join(host.directory, 'owned.tar')
    await run('tar', '--numeric-owner', '--owner=7', '--group=8', '-C', rootfs, '-cf', tar, '.')
    const image = await Image.import(tar, { engine: host.engine, tag: 'owned' })
    const owner = (await host.engine.info()).idMap === 'single' ? '0:0' : '7:8'
    for (const userns of ['private', 'host'] as const) {
      const box = await Container.run(image, { engine: host.engine, idle: true, userns })
      const script =
        '/bin/busybox stat -c %u:%g:%a /etc/greeting /bin/sh /tmp; : > /new; /bin/busybox stat -c %u:%g /new'
      expect(await inside(box, script)).toBe(`${owner}:644\n${owner}:777\n${owner}:1777\n0:0\n`)
      await box.remove({ force: true })
    }
  })

  test('the image of the host and a read-only root work', async () => {
    const box = await host.run({ command: ['sh', '-c', 'echo x > /file'], readonlyRootfs: true })
    expect((await box.wait()).code).not.toBe(0)
    await box.remove()
    const other = await host.run({ command: ['sh', '-c', 'echo x > /file && test -x /usr/bin/env'] })
    expect((await other.wait()).code).toBe(0)
    await other.remove()
  })

  test('a detached container keeps its root while it is stopped', async () => {
    const box = await Container.run(layered, { engine: host.engine, idle: true, detached: true })
    await inside(box, 'echo mine > /etc/kept')
    await box.stop({ timeoutMs: 0 })
    await box.start()
    expect(await inside(box, '/bin/busybox cat /etc/kept')).toBe('mine\n')
    await box.remove({ force: true })
    expect(await nothingLeft()).toBe(true)
  })
})

describe('a root that takes long to copy', () => {
  let large: Image
  beforeAll(async () => {
    const rootfs = await makeRootfs(join(host.directory, 'large'))
    for (let i = 0; i < 10_000; i += 1000) {
      await Promise.all(
        Array.from({ length: 1000 }, (_, j) => writeFile(join(rootfs, 'var', `file-${i + j}`), `${i + j}`)),
      )
    }
    large = await Image.import(await makeTar(rootfs, join(host.directory, 'large.tar')), {
      engine: host.engine,
      tag: 'large',
    })
    // Unpacked, so that what takes time below is the copy.
    const box = await Container.create(large, { engine: host.engine, idle: true })
    await box.remove()
  }, 120_000 * slow)

  const copying = async () => {
    for (;;) {
      for (const id of await readdir(join(host.root, 'containers'))) {
        if (existsSync(join(host.root, 'containers', id, 'merged.new'))) return
      }
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }

  test('is not waited for by others', async () => {
    const slow = Container.create(large, { engine: host.engine, idle: true })
    await copying()
    let ready = false
    void slow.then(() => {
      ready = true
    })
    await host.engine.info()
    expect(ready).toBe(false)
    await (await slow).remove()
  })

  test('is given up when the caller aborts, and nothing is left', async () => {
    const abort = new AbortController()
    const create = Container.create(large, { engine: host.engine, idle: true, name: 'given-up', signal: abort.signal })
    await copying()
    abort.abort(new Error('never mind'))
    await expect(create).rejects.toThrow('never mind')
    expect(await nothingLeft()).toBe(true)
    const box = await Container.run(large, { engine: host.engine, name: 'given-up', idle: true })
    expect(await inside(box, '/bin/busybox cat /var/file-9999; /bin/busybox ls /var | /bin/busybox wc -l')).toBe(
      '999910001\n',
    )
    await box.remove({ force: true })
  })

  const creator = async (name: string, options: string) => {
    const program = await runProgram(
      host.directory,
      name,
      `import { Container, Engine, Image } from 'tscontainer'
       const engine = await Engine.open({ root: '${host.root}', runRoot: '${host.runRoot}' })
       console.log('go')
       await Container.create(await Image.get('large', { engine }), { engine, idle: true, ${options} })
       setInterval(() => {}, 1000)`,
    )
    await program.line()
    await copying()
    return program
  }

  test('is given up when its Node is killed', async () => {
    const { process: node, ended } = await creator('killed', '')
    node.kill('SIGKILL')
    await ended()
    const deadline = performance.now() + 5000 * slow
    while (!(await nothingLeft()) && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 10))
    expect(await nothingLeft()).toBe(true)
  })

  test('is waited for by who wants to start it meanwhile', async () => {
    const { process: node, ended } = await creator('waited-for', `name: 'waited-for', detached: true`)
    const box = await Container.get('waited-for', { engine: host.engine })
    await box.start()
    expect(await inside(box, '/bin/busybox cat /var/file-9999')).toBe('9999')
    await box.remove({ force: true })
    node.kill('SIGKILL')
    await ended()
  })

  test.each(['detached: false', 'detached: true'])(
    'is given up when its Node is killed (%s), and who has found it hears so',
    async (option) => {
      const { process: node, ended } = await creator('unmade', `name: 'unmade', ${option}`)
      const box = await Container.get('unmade', { engine: host.engine })
      const removed = box.wait({ condition: 'removed' })
      removed.catch(() => {})
      const start = box.start()
      start.catch(() => {})
      node.kill('SIGKILL')
      await ended()
      await expect(start).rejects.toMatchObject({ code: 'ERR_CONTAINER_NOT_FOUND' })
      await expect(removed).rejects.toMatchObject({ code: 'ERR_CONTAINER_STATE' })
      expect(box.state).toBe('removed')
      expect(await nothingLeft()).toBe(true)
    },
  )

  test('is given up when somebody else removes it', async () => {
    const create = Container.create(large, { engine: host.engine, idle: true, name: 'unwanted', detached: true })
    create.catch(() => {})
    await copying()
    const other = await Engine.open({ root: host.root, runRoot: host.runRoot })
    await (await Container.get('unwanted', { engine: other })).remove()
    await expect(create).rejects.toThrow()
    await other.close()
    expect(await nothingLeft()).toBe(true)
  })
})
