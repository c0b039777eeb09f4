// SPDX-License-Identifier: Apache-2.0
// Run by containers-vanish-with-their-test.test.ts, which looks at how it fails.
import { Image } from '../../../src/index.js'
import { expect, test } from '../../../src/testing.js'

test('fails', async ({ containers, engine }) => {
  const image = await Image.host({ engine })
  const box = await containers.run(image, { name: 'broken', command: ['sh', '-c', 'echo cause of death >&2; exit 9'] })
  await box.wait()
  await containers.run(image, { name: 'alive', idle: true })
  expect(1).toBe(2)
})

test('runs into its deadline', { timeout: 500 }, async ({ containers, engine }) => {
  const image = await Image.host({ engine })
  await containers.run(image, { name: 'waiting', command: ['sh', '-c', 'echo waiting for godot; sleep 1000'] })
  await new Promise(() => {})
})
