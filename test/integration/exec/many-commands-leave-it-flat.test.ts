// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import { soakExecs } from '../../soak/execs.js'
import { slow } from '../../support/slow.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()

// The same with 10,000: npm run soak -- exec
test(
  'a thousand commands in one container: every result is right, and nothing grows',
  async () => {
    const box = await host.idle()
    const { before, after } = await soakExecs(host.engine, box, 1000)
    expect(after.descriptors).toBeLessThanOrEqual(before.descriptors + 2)
    expect(after.supervisorDescriptors ?? 0).toBeLessThanOrEqual((before.supervisorDescriptors ?? 0) + 4)
    expect(after.supervisorKilobytes).toBeLessThanOrEqual(before.supervisorKilobytes + 512)
    await box.remove({ force: true })
  },
  120_000 * slow,
)
