// SPDX-License-Identifier: Apache-2.0
import type { Project } from 'tscontainer/compose'
import { describe, expect, test } from 'vitest'
import type { ObservedContainer, ObservedProject } from '../../../src/compose/plan/observed-project.js'
import { planProject } from '../../../src/compose/plan/plan-project.js'
import type { PlannedAction } from '../../../src/compose/plan/project-plan.js'
import { inDependencyOrder } from '../../../src/compose/plan/service-graph.js'
import { networkHash, serviceHash, volumeHash } from '../../../src/compose/project/config-hash.js'
import { composeLabels } from '../../../src/compose/project/labels.js'
import { planRequestOf } from '../../../src/compose/run/plan-request-of.js'
import type { UpOptions } from '../../../src/compose/run/up-options.js'
import { load } from './support/load.js'

const text = `
services:
  db: { image: db, volumes: [data:/data] }
  web: { image: web, depends_on: { db: { condition: service_started, restart: true } }, networks: [front, default] }
  side: { image: side, network_mode: service:web }
  job: { build: ., depends_on: [db] }
networks: { front: {} }
volumes: { data: {} }
`
const images = { db: 'id-db', web: 'id-web', side: 'id-side', job: 'id-job' }

const container = (project: Project, service: string, number = 1, other: Partial<ObservedContainer> = {}) => ({
  id: `${service}-${number}`,
  name: `test-${service}-${number}`,
  service,
  number,
  configHash: serviceHash(project.services[service] ?? {}),
  imageId: `id-${service}`,
  state: 'running' as const,
  mortal: false,
  ...other,
})

/** The project as it is after `up`. */
const settled = (
  project: Project,
  containers = Object.keys(project.services).map((name) => container(project, name)),
) => {
  const own = (hash: string) => ({ [composeLabels.project]: project.name, [composeLabels.configHash]: hash })
  return {
    containers,
    networks: new Map(Object.values(project.networks).map((one) => [one.name, own(networkHash(one))])),
    volumes: new Map(Object.values(project.volumes).map((one) => [one.name, own(volumeHash(one))])),
    images: new Map<string, string | null>(Object.entries(images)),
  }
}
const nothing: ObservedProject = { containers: [], networks: new Map(), volumes: new Map(), images: new Map() }

const plan = (project: Project, observed: ObservedProject, options: UpOptions = {}) =>
  planProject(planRequestOf(project.running, options), observed)
const lines = (actions: readonly PlannedAction[]) =>
  actions.map(({ action, kind, name }) => `${action} ${kind} ${name}`)
const reasons = (actions: readonly PlannedAction[]) =>
  Object.fromEntries(actions.map(({ action, name, reason }) => [name, `${action}: ${reason}`]))

describe('a plan', () => {
  test('makes everything where there is nothing, dependencies first', async () => {
    expect(lines(plan(await load(text), nothing).actions)).toEqual([
      'create network test_default',
      'create network test_front',
      'create volume test_data',
      'pull image db',
      'pull image web',
      'pull image side',
      'build image test-job',
      'create container test-db-1',
      'create container test-web-1',
      'create container test-side-1',
      'create container test-job-1',
    ])
  })

  test('is empty where everything is as it should be', async () => {
    const project = await load(text)
    expect(plan(project, settled(project))).toEqual({ actions: [], warnings: [] })
  })

  test('makes anew what changed, with those that share its namespaces, and restarts those that say so', async () => {
    const before = await load(text)
    const after = await load(text.replace('image: db,', 'image: db, user: "1",'))
    expect(reasons(plan(after, settled(before)).actions)).toEqual({
      'test-db-1': 'recreate: its configuration changed',
      'test-web-1': "restart: 'db' is made anew",
      'test-side-1': "restart: 'web' is made anew",
    })
    const web = await load(text.replace('image: web,', 'image: web, user: "1",'))
    expect(reasons(plan(web, settled(before)).actions)).toEqual({
      'test-web-1': 'recreate: its configuration changed',
      'test-side-1': "recreate: it shares namespaces with 'web', which is made anew",
    })
  })

  test('makes anew whose image is another one, and says so beforehand where that is not known yet', async () => {
    const project = await load(text)
    const observed = settled(project)
    observed.images.set('job', 'id-other')
    expect(reasons(plan(project, observed).actions)).toEqual({ 'test-job-1': 'recreate: its image changed' })
    const built = plan(project, settled(project), { build: true }).actions
    expect(built.map(({ action, name }) => [action, name])).toEqual([
      ['build', 'test-job'],
      ['recreate', 'test-job-1'],
    ])
    expect(built[1]).toMatchObject({ conditional: true })
  })

  test('does as the options say: force, never, dependencies too, without them', async () => {
    const project = await load(text)
    const observed = settled(project)
    const names = (options: UpOptions) => lines(plan(project, observed, options).actions)
    expect(names({ services: ['web'], forceRecreate: true })).toEqual(['recreate container test-web-1'])
    expect(names({ services: ['web'], forceRecreate: true, alwaysRecreateDeps: true })).toEqual([
      'recreate container test-db-1',
      'recreate container test-web-1',
    ])
    const changed = await load(text.replace(/image: (db|web),/g, 'image: $1, user: "1",'))
    expect(lines(plan(changed, observed, { services: ['web'], noDeps: true }).actions)).toEqual([
      'recreate container test-web-1',
    ])
    expect(plan(changed, observed, { noRecreate: true }).actions).toEqual([])
  })

  test('starts what has ended, and lets go on what is paused', async () => {
    const project = await load(text)
    const containers = [
      container(project, 'db', 1, { state: 'paused' }),
      container(project, 'web', 1, { state: 'stopped' }),
      container(project, 'side', 1, { state: 'created' }),
      container(project, 'job'),
    ]
    expect(lines(plan(project, settled(project, containers)).actions)).toEqual([
      'resume container test-db-1',
      'start container test-web-1',
      'start container test-side-1',
    ])
    expect(plan(project, settled(project, containers), { noStart: true }).actions).toEqual([])
  })

  test('takes away what is out of date first, then the highest numbers; and fills gaps', async () => {
    const project = await load('services: {web: {image: web, network_mode: none}}')
    const three = [1, 2, 3].map((number) =>
      container(project, 'web', number, number === 1 ? { configHash: 'old' } : {}),
    )
    const scaled = (web: number, containers: readonly ObservedContainer[]) =>
      lines(plan(project, { ...settled(project), containers }, { scale: { web } }).actions)
    expect(scaled(1, three)).toEqual(['remove container test-web-3', 'remove container test-web-1'])
    expect(scaled(0, three)).toHaveLength(3)
    expect(scaled(3, [container(project, 'web', 2)])).toEqual([
      'create container test-web-1',
      'create container test-web-3',
    ])
  })

  test('makes a changed network anew with those that are on it, and leaves a changed volume', async () => {
    const before = await load(text)
    const after = await load(
      text.replace('front: {}', 'front: {internal: true}').replace('data: {}', 'data: {labels: {a: b}}'),
    )
    const { actions, warnings } = plan(after, settled(before))
    expect(reasons(actions)).toEqual({
      test_front: 'recreate: its configuration changed',
      'test-web-1': "recreate: its network 'front' is made anew",
      'test-side-1': "recreate: it shares namespaces with 'web', which is made anew",
    })
    expect(warnings).toEqual([{ kind: 'volume', name: 'test_data', message: expect.stringContaining('used as it is') }])
  })

  test('warns of orphans, or removes them; and of what others made', async () => {
    const project = await load(text)
    const orphan = { ...container(project, 'web', 1), id: 'old', name: 'test-old-1', service: 'old' }
    const observed = { ...settled(project), containers: [...settled(project).containers, orphan] }
    expect(plan(project, observed).warnings).toMatchObject([{ kind: 'orphan', name: 'test-old-1' }])
    expect(lines(plan(project, observed, { removeOrphans: true }).actions)).toEqual(['remove container test-old-1'])
    observed.networks.set('test_front', {} as never)
    expect(plan(project, observed).warnings).toMatchObject([
      { kind: 'network', name: 'test_front', message: expect.stringContaining('by no project') },
      { kind: 'orphan' },
    ])
  })
})

describe('what cannot be had is refused', () => {
  const refused = async (file: string, options: UpOptions = {}) => {
    const project = await load(file)
    try {
      return plan(project, nothing, options)
    } catch (error) {
      return error
    }
  }
  test('external networks and volumes that are not there', async () => {
    const external = 'services: {a: {image: x, networks: [n]}}\nnetworks: {n: {external: true, name: far}}'
    expect(await refused(external)).toMatchObject({ code: 'ERR_NETWORK_NOT_FOUND', object: 'far' })
    const volume = 'services: {a: {image: x, volumes: ["v:/v"]}}\nvolumes: {v: {external: true}}'
    expect(await refused(volume)).toMatchObject({ code: 'ERR_VOLUME_NOT_FOUND', object: 'v' })
  })
  test('images that may be neither built nor pulled', async () => {
    expect(await refused(text, { noBuild: true })).toMatchObject({ code: 'ERR_IMAGE_NOT_FOUND', object: 'test-job' })
    expect(await refused(text, { pull: 'never' })).toMatchObject({ code: 'ERR_IMAGE_NOT_FOUND', object: 'db' })
  })
  test('services that are not there, or in no active profile', async () => {
    const profiled = 'services: {a: {image: x}, b: {image: x, profiles: [debug]}}'
    expect(await refused(profiled, { services: ['c'] })).toMatchObject({ option: 'services', hint: 'there are: a' })
    expect(await refused(profiled, { services: ['b'] })).toMatchObject({ hint: expect.stringContaining('debug') })
  })
  test('several containers of one name', async () => {
    const named = 'services: {a: {image: x, container_name: one}}'
    expect(await refused(named, { scale: { a: 2 } })).toMatchObject({ code: 'ERR_INVALID_ARGUMENT', option: 'scale' })
  })
  test.each<readonly [string, object]>([
    ['recreate', { recreate: true }],
    ['services', { services: 'web' }],
    ['scale', { scale: { web: -1 } }],
    ['forceRecreate', { forceRecreate: true, noRecreate: true }],
    ['pull', { pull: 'sometimes' }],
  ])('the option %s', async (option, options) => {
    const project = await load(text)
    expect(() => project.up(options)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', option }))
  })
})

test('a chain of ten thousand services is put in order', () => {
  const services = Object.fromEntries(
    Array.from({ length: 10_000 }, (_, index) => [
      `s${index}`,
      { depends_on: { [`s${index + 1}`]: { condition: 'service_started', required: true } as const } },
    ]),
  )
  expect(inDependencyOrder(services, ['s0']).at(0)).toBe('s9999')
})
