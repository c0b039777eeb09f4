// SPDX-License-Identifier: Apache-2.0
// How do I test a program with real containers? `npx vitest run --project examples`
import { Image } from 'tscontainer'
import { createFakeEngine, expect, test } from 'tscontainer/testing'

test('a service says that it is there', async ({ containers, engine }) => {
  const image = await Image.host({ engine })
  const service = await containers.run(image, { command: ['sh', '-c', 'sleep 0.1; echo ready; exec sleep 1000'] })
  await expect(service).toHaveLogged(/ready/)
  expect(service).toBeRunning()
  // No finally: it ends with the test, also when that fails. Then its last lines are in the report.
})

test('a job ends well', async ({ containers, engine }) => {
  const job = await containers.run(await Image.host({ engine }), { command: ['true'] })
  await expect(job).toHaveExited(0)
})

test('a program that takes a ContainerApi needs no kernel', async () => {
  const { containers } = createFakeEngine({ 'redis:7': { exec: ([, ...args]) => ({ stdout: `${args.join(' ')}\n` }) } })
  const redis = await containers.run('redis:7')
  expect((await redis.exec(['redis-cli', 'PING'])).stdout).toBe('PING\n')
})
