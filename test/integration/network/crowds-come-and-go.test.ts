// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { Container, Network } from '../../../src/index.js'
import { linksOf } from '../../support/leak-links.js'
import { has, testNeeding } from '../../support/needs.js'
import { slow } from '../../support/slow.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
// Of the machine that this was written for, an idle one; others may take that many times as long.
const patience = 5 * slow

const links = () => [...linksOf()].sort()
const records = async () =>
  (
    await Promise.all(['endpoints', 'addresses'].map((name) => readdir(join(host.runRoot, 'v1', name)).catch(() => [])))
  ).flat()
const rules = async () => {
  const { stdout } = await promisify(execFile)('nft', ['-s', 'list', 'ruleset'])
  return stdout.split('\n').filter((line) => /10\.\d+\.\d+\.\d+|"tv[0-9a-f]{12}"/.test(line))
}

testNeeding('root')('two hundred containers on one network start within two seconds, and leave nothing', async () => {
  const network = await Network.create({ engine: host.engine, subnet: '10.219.0.0/23' })
  const before = { links: links(), rules: await rules() }
  const began = performance.now()
  const boxes = await Promise.all(
    Array.from({ length: 200 }, (_, index) => host.idle({ name: `one-of-many-${index}`, network })),
  )
  const tookMs = performance.now() - began
  if (process.env.TSC_TEST_TELL) console.log(`200 containers in ${tookMs.toFixed(0)} ms`)
  expect(tookMs).toBeLessThan(2000 * patience)
  const addresses = (await Promise.all(boxes.map((box) => box.inspect()))).flatMap((box) => box.networks[0]?.addresses)
  expect(new Set(addresses).size).toBe(200)
  const found = await boxes[0]?.exec(['getent', 'hosts', 'one-of-many-199'])
  expect(found?.stdout).toContain(addresses.at(-1))
  await Promise.all(boxes.map((box) => box.remove({ force: true })))
  await network.remove()
  await expect.poll(links).toEqual(before.links)
  expect({ rules: await rules(), records: await records() }).toEqual({ rules: before.rules, records: [] })
})

// `npm run soak -- network` does it thousands of times.
test('hundreds of times connected and disconnected, containers have the links of before', async () => {
  const network = await Network.create({ engine: host.engine })
  const home = await Network.create({ engine: host.engine, internal: true })
  try {
    const boxes = await Promise.all(Array.from({ length: 20 }, () => host.idle({ network: home })))
    // The bridge comes with the first.
    for (const box of boxes.slice(0, 1)) {
      await network.connect(box)
      await network.disconnect(box)
    }
    const left = async () => (await records()).length
    const before = { links: links().length, records: await left() }
    await Promise.all(
      boxes.map(async (box) => {
        for (let cycle = 0; cycle < (has('root') ? 20 : 5); cycle++) {
          await network.connect(box)
          await network.disconnect(box)
        }
      }),
    )
    for (const box of boxes) expect((await box.sh('ls /sys/class/net')).stdout).toBe('eth0\nlo\n')
    expect((await network.inspect()).containers).toEqual([])
    expect({ links: links().length, records: await left() }).toEqual(before)
  } finally {
    for (const box of await Container.list({ engine: host.engine, all: true })) await box.remove({ force: true })
    await network.remove()
    await home.remove()
  }
})
