// SPDX-License-Identifier: Apache-2.0
import type { AutoscaleEvent } from 'tscontainer/compose'
import { expect, test } from 'vitest'
import { useTestEngine } from '../../support/test-engine.js'
import { useTestProjects } from './support/test-project.js'

const host = useTestEngine()
const projects = useTestProjects(host)

test('a service has more containers when they have much to do, and fewer when that is over', async () => {
  const project = await projects.load(
    'scaled',
    `services:
  work:
    image: box
    network_mode: none
    stop_grace_period: 50ms
    command: [sh, -c, "while :; do [ -e /tmp/idle ] && sleep 5; done"]\n`,
  )
  await project.up()
  const over = new AbortController()
  const options = { min: 1, max: 2, cpu: 2, intervalMs: 200, cooldownMs: 500, signal: over.signal }
  expect(() => project.autoscale('work', { ...options, max: 0 })).toThrow(/max/)
  const scaling = project.autoscale('work', options)
  const iterator = scaling[Symbol.asyncIterator]()
  const next = async (type: AutoscaleEvent['type']): Promise<AutoscaleEvent> => {
    for (;;) {
      const { value, done } = await iterator.next()
      if (done) throw new Error('it ended')
      if (value.type === type || value.type === 'failed') return value
    }
  }
  const more = await next('scaled')
  if (more.type === 'failed') {
    // Without cgroups nobody counts what a container uses.
    expect((await host.engine.info()).cgroup.controllers).not.toContain('cpu')
    expect(more.error).toMatchObject({ code: 'ERR_UNSUPPORTED' })
  } else {
    expect(more).toMatchObject({ type: 'scaled', from: 1, to: 2, cpuPercent: expect.any(Number) })
    for (const { number } of await project.ps()) await project.exec('work', ['touch', '/tmp/idle'], { index: number })
    expect(await next('scaled')).toMatchObject({ type: 'scaled', from: 2, to: 1 })
    expect(await project.ps()).toHaveLength(1)
  }
  over.abort(new Error('enough'))
  await expect(scaling).rejects.toThrow('enough')
  await project.down()
})
