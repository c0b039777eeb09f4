// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()
const has = async (controller: string) => (await host.engine.info()).cgroup.controllers.includes(controller)

test('a container that forks all the time is paused and goes on, often', async () => {
  if (!(await has('freeze'))) return
  const box = await host.run({
    command: ['sh', '-c', 'i=0; while :; do /bin/true; i=$((i + 1)); echo $i > /count; done'],
  })
  const count = async () => Number(await readFile(`/proc/${box.pid}/root/count`, 'utf8').catch(() => '0'))
  for (let i = 0; i < 30; i++) {
    await box.pause()
    expect(box.state).toBe('paused')
    if (i % 10 === 0) {
      const before = await count()
      await new Promise((resolve) => setTimeout(resolve, 30))
      expect(await count()).toBe(before)
    }
    await box.resume()
    expect(box.state).toBe('running')
  }
  await box.remove({ force: true })
})

test('stopping does not wait for a pause that is under way, and both are answered', async () => {
  if (!(await has('freeze'))) return
  for (let i = 0; i < 10; i++) {
    const box = await host.run({ command: ['sh', '-c', 'trap "exit 3" TERM; echo ready; while :; do /bin/true; done'] })
    for await (const _ of box.logs({ follow: true })) break
    const pausing = box.pause().then(
      () => 'paused',
      ({ code }) => code,
    )
    expect(await box.stop({ timeoutMs: 20_000 })).toMatchObject({ code: 3 })
    expect(['paused', 'ERR_CONTAINER_STATE']).toContain(await pausing)
    await box.remove()
  }
})
