// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest'
import type { ContainerOptions } from '../../../src/runtime/container-options.js'
import { type ContainerPlanInput, planContainer } from '../../../src/runtime/container-plan.js'
import { setKind } from '../../../src/runtime/option-kinds.js'
import { sharedPlan } from '../../../src/runtime/shared-plan.js'
import { deepFrozen } from '../../../src/util/plain-data.js'
import { goodHost } from './plan-input.js'

const config = { cmd: ['sh'], env: ['IMAGE=1'], labels: { of: 'image' } }
const ids = ['ab'.repeat(32), 'cd'.repeat(32)] as const

const kind = (options: ContainerOptions): ContainerOptions => {
  deepFrozen(options)
  setKind(options, options)
  return options
}
const input = (options: ContainerOptions, more: Partial<ContainerPlanInput> = {}): ContainerPlanInput => ({
  id: ids[0],
  options,
  config,
  host: goodHost,
  mounts: [],
  devices: { devices: [], block: new Map() },
  etc: {},
  ...more,
})
const bare = ({ shared: _, ...plan }: ReturnType<typeof sharedPlan>) => plan

const everyKind: readonly [string, ContainerOptions][] = [
  ['nothing', {}],
  ['limits', { memory: '64m', cpus: 1.5, pidsLimit: 10 }],
  ['a host name', { hostname: 'mine' }],
  ['the host’s names', { uts: 'host' }],
  ['privileges', { privileged: true }],
  ['labels and variables', { labels: { a: '1' }, env: { A: '1' } }],
  ['more hosts', { extraHosts: { db: '10.0.0.1' } }],
  ['a terminal', { tty: true }],
  ['nothing to run', { idle: true }],
  ['a check', { healthcheck: { test: 'true' } }],
]

describe.each(everyKind)('with %s', (_, options) => {
  const known = kind(structuredClone(options))

  test('the first plan and the next are what would be planned alone', () => {
    for (const id of ids) {
      const alone = planContainer(input(known, { id }))
      expect(bare(sharedPlan(input(known, { id })))).toEqual(alone)
      const mounts = [{ type: 'bind', source: '/srv', target: '/dev/shm' }] as const
      const network = { search: ['example'], host: '10.1.0.1' }
      const more = { id, mounts, network, etc: { hosts: 'h\n' } }
      expect(bare(sharedPlan(input(known, more)))).toEqual(planContainer(input(known, more)))
    }
    expect(bare(sharedPlan(input(known)))).toEqual(planContainer(input(known)))
  })

  test('what they have in common is one object, frozen', () => {
    const [one, other] = ids.map((id) => sharedPlan(input(known, { id })))
    expect(one?.shared).toBe(other?.shared)
    expect(one?.spec.linux).toBe(other?.spec.linux)
    const nothingOpen = (value: unknown): boolean =>
      typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(nothingOpen))
    expect(nothingOpen(one?.shared)).toBe(true)
  })
})

test('another image or host is planned for anew', () => {
  const options = kind({ memory: '64m' })
  const first = sharedPlan(input(options))
  const image = sharedPlan(input(options, { config: { cmd: ['other'] } }))
  expect(image.spec.process?.args).toEqual(['other'])
  const host = sharedPlan(input(options, { host: { ...goodHost, userns: false } }))
  expect([first.userns, host.userns]).toEqual(['private', 'host'])
})

test('what depends on more than kind, image and host is planned each time', () => {
  const proxied = kind({ proxy: true })
  const withProxy = (proxy: string) => sharedPlan(input(proxied, { environment: { HTTP_PROXY: proxy } }))
  expect(withProxy('http://one').exec.env).toContain('HTTP_PROXY=http://one')
  expect(withProxy('http://two').exec.env).toContain('HTTP_PROXY=http://two')
  const joined = { container: ids[1], namespaces: ['uts'], userns: 'private' } as const
  const options = kind({})
  sharedPlan(input(options))
  expect(sharedPlan(input(options, { joined })).spec.hostname).toBeUndefined()
  expect(sharedPlan(input(options, { joined })).shared).toBeUndefined()
})

test('options of no kind are planned each time', () => {
  const options = { memory: '64m' }
  expect(sharedPlan(input(options)).shared).toBeUndefined()
})
