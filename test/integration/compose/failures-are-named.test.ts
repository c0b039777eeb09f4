// SPDX-License-Identifier: Apache-2.0
import { EngineError, Network } from 'tscontainer'
import type { Project, UpOptions } from 'tscontainer/compose'
import { expect, test } from 'vitest'
import { useTestEngine } from '../../support/test-engine.js'
import { containersOf, phasesOf, useTestProjects } from './support/test-project.js'

const host = useTestEngine()
const projects = useTestProjects(host)

const base = 'image: box, network_mode: none, stop_grace_period: 50ms'
const sleeps = `${base}, command: [sleep, infinity]`

const failureOf = async (project: Project, options: UpOptions = {}): Promise<EngineError> => {
  const error = await project.up(options).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!EngineError.is(error)) throw error ?? new Error('it came up')
  return error
}

const needing = (condition: string, db: string) => `
services:
  db: { ${db} }
  web: { ${sleeps}, depends_on: { db: { condition: ${condition} } } }
  far: { ${sleeps}, depends_on: [web] }
`

test('a dependency that exits, is unhealthy, fails or takes too long is named with its last lines, and nothing above it runs', async () => {
  const says = (then: string) => `${base}, command: [sh, -c, "echo the last line; ${then}"]`
  const check = (test: string) => `healthcheck: { test: [CMD, ${test}], interval: 20ms, retries: 2 }`

  const exits = await projects.load(
    'exits',
    needing('service_healthy', `${says('exit 3')}, ${check('"true"').replace('20ms', '10s')}`),
  )
  const exited = await failureOf(exits)
  expect(exited).toMatchObject({
    code: 'ERR_COMPOSE_DEPENDENCY',
    object: 'db',
    cause: { code: 'ERR_CONTAINER_EXITED', exit: { code: 3 } },
  })
  expect(exited.message).toMatch(
    /'web' was not started, since 'db' is not healthy: .*exits-db-1.* exit code 3.*\n {2}the last line/,
  )
  // It may end before those above it were made.
  const [db, ...above] = [...(await containersOf(exits)).values()].map(({ state }) => state)
  expect(db).toBe('stopped')
  expect(above.filter((state) => state !== 'created')).toEqual([])
  await exits.down()
  expect(await containersOf(exits)).toEqual(new Map())

  const sick = await projects.load(
    'sick',
    needing('service_healthy', `${says('exec sleep infinity')}, ${check('"false"')}`),
  )
  expect(await failureOf(sick)).toMatchObject({
    code: 'ERR_COMPOSE_DEPENDENCY',
    object: 'db',
    cause: { code: 'ERR_READY_TIMEOUT' },
  })
  await sick.down()

  const task = await projects.load('task', needing('service_completed_successfully', says('exit 1')))
  expect((await failureOf(task)).message).toContain("since 'db' did not complete successfully")
  const mended = await projects.load('task', needing('service_completed_successfully', says('exit 0')))
  await mended.up()
  expect((await containersOf(mended)).get('task-far-1')?.state).toBe('running')
  await mended.down()

  const slow = await projects.load('slow', needing('service_completed_successfully', sleeps))
  const late = await failureOf(slow, { waitTimeoutMs: 1000 })
  expect(late).toMatchObject({
    code: 'ERR_TIMEOUT',
    message: expect.stringContaining("'slow-db-1' until it has completed"),
  })
  await slow.down()
  // Nobody is waited for where nothing is started.
  const shared = `network_mode: "service:db", depends_on: { db: { condition: service_healthy } }`
  const made = await projects.load(
    'made',
    `services: { db: { ${sleeps}, ${check('"true"')} }, web: { ${sleeps.replace('network_mode: none', shared)} } }`,
  )
  await made.create()
  expect([...(await containersOf(made)).values()].map(({ state }) => state)).toEqual(['created', 'created'])
  await made.down()
  const checkless = await projects.load('slow', needing('service_healthy', sleeps))
  expect(await failureOf(checkless)).toMatchObject({ object: 'db', cause: { code: 'ERR_UNSUPPORTED' } })
  await checkless.down()
})

test('an optional dependency that fails is a warning', async () => {
  const text = needing('service_completed_successfully', `${base}, command: [sh, -c, exit 1]`)
  const project = await projects.load('optional', text.replace('successfully }', 'successfully, required: false }'))
  const warnings: string[] = []
  await project.up({ onProgress: (event) => event.type === 'warning' && warnings.push(event.message) })
  expect(warnings).toEqual([expect.stringContaining("'db' did not complete successfully")])
  expect((await containersOf(project)).get('optional-web-1')?.state).toBe('running')
  await project.down()
})

test('hooks run beside their container, and a failing one fails the service', async () => {
  const hooks =
    'pre_start: [{ command: [sh, -c, "echo init > /v/init"] }], post_start: [{ command: [sh, -c, "cat /v/init > /v/started"] }]'
  const stop = 'pre_stop: [{ command: [touch, /v/stopping] }]'
  const text = (more: string) =>
    `services: { web: { ${sleeps}, volumes: [v:/v], ${more} }, other: { ${sleeps}, volumes: [v:/v] } }\nvolumes: { v: {} }`
  const project = await projects.load('hooked', text(`${hooks}, ${stop}`))
  await project.up()
  await project.stop({ services: ['web'] })
  const other = (await containersOf(project)).get('hooked-other-1')
  expect((await other?.sh('cat /v/started; ls /v'))?.stdout).toBe('init\ninit\nstarted\nstopping\n')
  const failing = await projects.load('hooked', text('post_start: [{ command: ["false"] }]'))
  expect(await failureOf(failing)).toMatchObject({ code: 'ERR_EXEC_FAILED' })
  expect((await containersOf(failing)).get('hooked-web-1')?.state).toBe('stopped')
  await failing.down({ volumes: true })
})

test('a handle takes away what it made, and nothing else', async () => {
  const text = (more = '') =>
    `services: { one: { image: box, command: [sleep, infinity], stop_grace_period: 50ms }${more} }`
  const first = await projects.load('shared', text())
  await first.up()
  const second = await projects.load(
    'shared',
    text(', two: { image: box, command: [sleep, infinity], stop_grace_period: 50ms }'),
  )
  await second.up()
  await second[Symbol.asyncDispose]()
  expect([...(await containersOf(first)).keys()]).toEqual(['shared-one-1'])
  await first[Symbol.asyncDispose]()
  expect(await containersOf(first)).toEqual(new Map())
  expect((await Network.list({ engine: host.engine })).map(({ name }) => name)).not.toContain('shared_default')
})

test('states change for all containers or for some, and an abort begins nothing more', async () => {
  const project = await projects.load(
    'states',
    `services: { a: { ${sleeps} }, b: { ${sleeps}, depends_on: { a: { condition: service_started, restart: true } } } }`,
  )
  await project.up()
  const containers = [...(await containersOf(project)).values()]
  const states = () => containers.map(({ state }) => state)
  if ((await host.engine.info()).cgroup.controllers.includes('freeze')) {
    await project.pause({ services: ['a'] })
    expect(states()).toEqual(['paused', 'running'])
    await project.unpause()
  }
  await project.kill({ services: ['b'] })
  await containers[1]?.wait()
  expect(states()).toEqual(['running', 'stopped'])
  await project.start()
  const pid = containers[1]?.pid
  expect(await phasesOf(project.restart({ services: ['a'] }))).toContain('started states-b-1')
  expect(containers[1]?.pid).not.toBe(pid)
  await project.rm({ stop: true, services: ['b'] })
  expect(states()).toEqual(['running', 'removed'])
  const reason = new Error('enough')
  await expect(project.up({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  expect([...(await containersOf(project)).keys()]).toEqual(['states-a-1'])
  await project.down()
})

test('the first end stops the others, and gives its exit code', async () => {
  const project = await projects.load(
    'ends',
    `services: { tests: { ${base}, command: [sh, -c, "sleep 0.2; exit 7"] }, db: { ${sleeps} } }`,
  )
  let shown = ''
  const { exitCode } = await project.up({
    exitCodeFrom: 'tests',
    attach: true,
    output: { write: (text) => (shown += text) },
  })
  expect(exitCode).toBe(7)
  expect(shown).toContain('tests-1')
  expect([...(await containersOf(project)).values()].map(({ state }) => state)).toEqual(['stopped', 'stopped'])
  await project.down()
})
