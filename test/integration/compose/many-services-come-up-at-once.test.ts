// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import { slow } from '../../support/slow.js'
import { useTestEngine } from '../../support/test-engine.js'
import { containersOf, useTestProjects } from './support/test-project.js'

const host = useTestEngine()
const projects = useTestProjects(host)

// What the engine promises is for a machine that does nothing else: a test machine gets this many times as long.
const patience = 4 * slow

// Five layers of six; each service needs two of the layer before.
const count = 30
const text = (changed = '') => `
services:
${Array.from({ length: count }, (_, index) => {
  const above = index - 6
  const needs = above < 0 ? '' : [above, above - (above % 6) + ((above + 1) % 6)].map((other) => `s${other}`).join(', ')
  return `  s${index}: { image: box, command: [sleep, infinity], stop_grace_period: 50ms, depends_on: [${needs}]${index === 17 ? changed : ''} }`
}).join('\n')}
`

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now()
  await work()
  return performance.now() - start
}

test('thirty services with a graph of dependencies are up in half a second, unchanged ones at once, and one that changed restarts alone', {
  timeout: 60_000,
}, async () => {
  const project = await projects.load('many', text())
  const direct = await timed(() =>
    Promise.all(Array.from({ length: count }, () => host.run({ command: ['sleep', 'infinity'] }))),
  )
  const up = await timed(() => project.up())
  expect(up).toBeLessThan(2 * direct + 500 * patience)
  const before = await containersOf(project)
  expect([...before.values()].filter(({ state }) => state === 'running')).toHaveLength(count)

  expect(await timed(() => project.up())).toBeLessThan(150 * patience)

  const changed = await projects.load('many', text(', environment: { CHANGED: "1" }'))
  const { plan } = await changed.up()
  expect(plan.actions.map(({ action, name }) => [action, name])).toEqual([['recreate', 'many-s17-1']])
  const after = await containersOf(changed)
  expect([...after].filter(([name, { id }]) => before.get(name)?.id !== id).map(([name]) => name)).toEqual([
    'many-s17-1',
  ])
  await changed.down()
  expect(await containersOf(changed)).toEqual(new Map())
})
