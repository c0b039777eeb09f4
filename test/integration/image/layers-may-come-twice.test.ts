// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import { box, useBuildEngine } from '../../support/build-engine.js'

const { build, say } = useBuildEngine()

// Overlayfs refuses a directory that is twice in its stack.
test('an image that has a layer twice shows what the upper one has', async () => {
  const image = await build(`FROM base:1\nCOPY a /a\nRUN ${box} rm /a\nCOPY a /a\n`, {
    context: { a: 'again' },
  })
  const ids = image.layers.map(({ diffId }) => diffId)
  expect(new Set(ids).size).toBe(ids.length - 1)
  expect(await say(image, `${box} cat /a`)).toBe('again')
})
