// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import { Container, Image } from '../../../src/index.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()

test('what happens to images is told', async () => {
  const { engine } = host
  const seen: string[] = []
  engine.on('image', ({ action, object }) => seen.push(`${action} ${object}`))
  const image = await Image.host({ engine, config: { cmd: ['true'], labels: { own: 'one' } } })
  await image.tag('mine:1')
  expect(image.tags).toEqual(['mine:1'])
  expect((await Image.get('mine:1', { engine })).id).toBe(image.id)
  await image.remove()
  await expect(Image.get('mine:1', { engine })).rejects.toMatchObject({ code: 'ERR_IMAGE_NOT_FOUND' })
  expect(seen).toEqual([`tag ${image.id}`, `remove ${image.id}`])
})

test('an image that a container uses is kept, the container’s name in the error', async () => {
  const { engine } = host
  const image = await Image.host({ engine, config: { cmd: ['sleep', '1000'] } })
  await image.tag('used:1')
  const box = await Container.run('used:1', { engine, name: 'user-of-it' })
  expect(box.image).toEqual({ id: image.id, reference: 'used:1' })
  await expect(image.remove()).rejects.toMatchObject({
    code: 'ERR_IMAGE_IN_USE',
    message: expect.stringContaining('user-of-it'),
  })
  await box.remove({ force: true })
  await image.remove()
})

test('an image of another engine is refused', async () => {
  const { Engine } = await import('../../../src/index.js')
  const other = await Engine.open({ root: `${host.directory}/other`, runRoot: `${host.directory}/other-run` })
  await expect(Container.create(host.image, { engine: other, command: ['true'] })).rejects.toMatchObject({
    code: 'ERR_INVALID_ARGUMENT',
    option: 'image',
  })
  await other.close()
})
