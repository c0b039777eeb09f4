// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Container, EngineError, type Image } from '../../../src/index.js'
import { idOf, ownerOf } from '../../support/ids.js'
import { useTestEngine } from '../../support/test-engine.js'
import { makeBareImage } from './rootfs-without-anything.js'

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
  describe(`on the ${snapshotter} snapshotter`, () => {
    useSnapshotter(snapshotter)
    const host = useTestEngine()
    let bare: Image
    beforeAll(async () => {
      bare = await makeBareImage(host.engine, host.directory)
    })
    const withBare = async (detached: boolean, act: (box: Container) => Promise<void>): Promise<void> => {
      const box = await Container.create(bare, { engine: host.engine, idle: true, detached })
      try {
        await act(box)
      } finally {
        await box.remove({ force: true })
      }
    }

    describe.each([
      ['owned', false],
      ['detached', true],
    ] as const)('an %s container of an image with nothing to run', (_, detached) => {
      test('is read and written when it is created, runs and has ended', () =>
        withBare(detached, async (box) => {
          expect(await box.fs.readFile('/only', 'utf8')).toBe('of the image\n')
          await box.fs.writeFile('/created', 'a', { owner: ownerOf(5, 6) })
          expect(box.state).toBe('created')
          await box.start()
          expect(await box.fs.readFile('/created', 'utf8')).toBe('a')
          await box.fs.writeFile('/running', 'b')
          await box.stop({ timeoutMs: 0 })
          expect(await box.fs.readFile('/running', 'utf8')).toBe('b')
          expect(await box.fs.stat('/created')).toMatchObject({ uid: idOf(5), gid: idOf(6) })
          await box.fs.writeFile('/stopped', 'c', { owner: idOf(8) })
          await box.fs.rm('/running')
          await box.start()
          expect((await box.fs.readdir('/')).filter((name) => name.length > 4)).toEqual(['created', 'stopped'])
          expect((await box.fs.stat('/stopped')).uid).toBe(idOf(8))
          expect(await box.fs.readFile('/stopped', 'utf8')).toBe('c')
        }))

      test('keeps what was written when it goes to and fro', () =>
        withBare(detached, async (box) => {
          for (let round = 0; round < 4; round++) {
            await box.fs.appendFile('/log', `${round} `)
            await box.start()
            await box.fs.appendFile('/log', `${round}! `)
            await box.stop({ timeoutMs: 0 })
          }
          expect(await box.fs.readFile('/log', 'utf8')).toBe('0 0! 1 1! 2 2! 3 3! ')
        }))

      test('starts beside calls about its files, which come to their end before or after', () =>
        withBare(detached, async (box) => {
          await box.start()
          await box.stop({ timeoutMs: 0 })
          const writes = Array.from({ length: 20 }, (_, index) => box.fs.writeFile(`/file-${index}`, String(index)))
          const [started] = await Promise.all([box.start(), ...writes])
          expect(started).toBeUndefined()
          expect((await box.fs.readdir('/')).filter((name) => name.startsWith('file-'))).toHaveLength(20)
        }))
    })

    test('a paused container is read and written', async () => {
      const box = await host.idle()
      try {
        await box.pause()
      } catch (error) {
        if (!EngineError.is(error, 'ERR_LIMIT_UNSUPPORTED') && !EngineError.is(error, 'ERR_UNSUPPORTED')) throw error
        return await box.remove({ force: true })
      }
      await box.fs.writeFile('/tmp/paused', 'p')
      expect(await box.fs.readFile('/tmp/paused', 'utf8')).toBe('p')
      await box.resume()
      expect((await box.exec(['cat', '/tmp/paused'])).stdout).toBe('p')
      await box.remove({ force: true })
    })

    test('a command that ended by itself leaves files that can be read', async () => {
      const box = await host.run({ command: ['sh', '-c', 'echo result > /result'] })
      await box.wait()
      expect(await box.fs.readFile('/result', 'utf8')).toBe('result\n')
      await box.remove()
    })

    test('a removed container has no files', async () => {
      const box = await host.create({ idle: true })
      await box.fs.readdir('/')
      await box.remove()
      await expect(box.fs.readdir('/')).rejects.toMatchObject({ code: 'ERR_CONTAINER_NOT_FOUND' })
      await expect(box.fs.copyIn('/etc/hostname', '/x')).rejects.toMatchObject({ code: 'ERR_CONTAINER_NOT_FOUND' })
    })
  })
}
