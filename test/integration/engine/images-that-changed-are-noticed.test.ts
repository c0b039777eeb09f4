// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import { Container, Engine, Image } from '../../../src/index.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()

// Over the same store, as another process would have it.
const openOther = () => Engine.open({ root: host.root, runRoot: host.runRoot })

const imageThatSays = (word: string) => Image.host({ engine: host.engine, config: { cmd: ['true'], labels: { word } } })

// The same options each time: what is known of them must not hide what the image has become.
const made = async (image: Image | string) => {
  const box = await Container.create(image, { engine: host.engine, network: 'none', pull: 'never' })
  await box.remove()
  return { id: box.image.id, reference: box.image.reference, word: box.labels.word }
}

test('a name that leads elsewhere by now leads there, whoever changed it', async () => {
  const other = await openOther()
  const [one, two, three] = [await imageThatSays('one'), await imageThatSays('two'), await imageThatSays('three')]
  await one.tag('moving:1')
  for (const _ of [1, 2]) expect(await made('moving:1')).toEqual({ id: one.id, reference: 'moving:1', word: 'one' })
  await two.tag('moving:1')
  for (const _ of [1, 2]) expect(await made('moving:1')).toEqual({ id: two.id, reference: 'moving:1', word: 'two' })
  await (await Image.get(three.id, { engine: other })).tag('moving:1')
  for (const _ of [1, 2]) expect(await made('moving:1')).toEqual({ id: three.id, reference: 'moving:1', word: 'three' })
  // A handle stays with its image.
  expect(await made(one)).toMatchObject({ id: one.id, word: 'one' })
  await (await Image.get('moving:1', { engine: other })).untag('moving:1')
  await expect(made('moving:1')).rejects.toMatchObject({ code: 'ERR_IMAGE_NOT_FOUND' })
  await other.close()
})

test('an image that was removed is not there any more, whoever removed it', async () => {
  const other = await openOther()
  for (const engine of [host.engine, other]) {
    const image = await imageThatSays('short')
    await image.tag('short:1')
    for (const _ of [1, 2]) expect(await made(image)).toMatchObject({ id: image.id, word: 'short' })
    expect(await made('short:1')).toMatchObject({ id: image.id })
    await (await Image.get(image.id, { engine })).remove()
    for (const asked of [image, 'short:1', image.id])
      await expect(made(asked)).rejects.toMatchObject({ code: 'ERR_IMAGE_NOT_FOUND' })
    // The same content again, under another name.
    const again = await imageThatSays('short')
    expect(again.id).toBe(image.id)
    expect(await made(image)).toMatchObject({ id: image.id })
    await again.remove()
  }
  await other.close()
})

test('what an image hands out does not change what others are told', async () => {
  const image = await imageThatSays('names')
  await image.tag('names:1')
  const found = await Image.get('names:1', { engine: host.engine })
  ;(found.tags as string[]).push('more')
  ;((await found.inspect()).names as string[]).push('more')
  expect((await Image.get('names:1', { engine: host.engine })).tags).toEqual(['names:1'])
  expect((await found.inspect()).names).toEqual(['docker.io/library/names:1'])
})
