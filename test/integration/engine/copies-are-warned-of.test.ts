// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { EventOf } from '../../../src/index.js'
import { useTestEngine } from '../../support/test-engine.js'

// The supervisor reads it when it starts: the engine below is opened after this.
beforeAll(() => {
  process.env.TSCONTAINER_SNAPSHOTTER = 'copy'
})
afterAll(() => {
  delete process.env.TSCONTAINER_SNAPSHOTTER
})
const host = useTestEngine()

test('an engine that has to copy layers says so, to those who come later as well', async () => {
  const box = await host.run({ command: ['sh', '-c', 'echo copied >/tmp/x; cat /tmp/x'] })
  expect(await box.wait()).toMatchObject({ code: 0 })
  await box.remove()
  expect((await host.engine.info()).snapshotter).toBe('copy')
  const warnings: EventOf<'warning'>[] = []
  const other = await (await import('../../../src/index.js')).Engine.open({ root: host.root, runRoot: host.runRoot })
  other.on('warning', (event) => warnings.push(event))
  await other.info()
  await other.close()
  expect(warnings).toEqual([
    expect.objectContaining({
      code: 'ERR_UNSUPPORTED',
      message: expect.stringContaining(host.root),
      hint: expect.any(String),
    }),
  ])
})
