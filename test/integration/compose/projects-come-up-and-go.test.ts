// SPDX-License-Identifier: Apache-2.0
import { Network, Volume } from 'tscontainer'
import { afterEach, expect, test } from 'vitest'
import { useTestEngine } from '../../support/test-engine.js'
import { containersOf, phasesOf, useTestProjects } from './support/test-project.js'

const host = useTestEngine()
const projects = useTestProjects(host)

afterEach(async () => {
  for (const network of await Network.list({ engine: host.engine })) await network.remove().catch(() => {})
})

const text = `
services:
  web:
    image: box
    command: [sleep, infinity]
    networks: { front: { aliases: [www] }, default: {} }
    depends_on:
      db: { condition: service_healthy, restart: true }
      job: { condition: service_completed_successfully }
    stop_grace_period: 100ms
  db:
    image: box
    command: [sh, -c, "echo begun >> /data/starts; sleep 0.2; touch /ready; exec sleep infinity"]
    volumes: [data:/data, /anonymous]
    healthcheck: { test: [CMD, test, -e, /ready], interval: 50ms, retries: 100 }
    stop_grace_period: 100ms
  job:
    image: box
    command: [sh, -c, "echo done > /data/job"]
    volumes: [data:/data]
networks: { front: {} }
volumes: { data: {} }
`

test('a project comes up in the order of its dependencies, changes where its files do, and goes', {
  timeout: 30_000,
}, async () => {
  const project = await projects.load('life', text)
  const { engine } = host

  const phases = await phasesOf(project.up())
  const at = (phase: string) => phases.indexOf(phase)
  expect(at('created life_front')).toBeGreaterThan(-1)
  expect(at('created life_data')).toBeGreaterThan(-1)
  expect(at('healthy life-db-1')).toBeLessThan(at('starting life-web-1'))
  expect(at('exited life-job-1')).toBeLessThan(at('starting life-web-1'))
  expect(at('started life-web-1')).toBe(phases.length - 1)

  const first = await containersOf(project)
  expect([...first.values()].map(({ name, state }) => [name, state])).toEqual([
    ['life-db-1', 'running'],
    ['life-job-1', 'stopped'],
    ['life-web-1', 'running'],
  ])
  const [db, web] = [first.get('life-db-1'), first.get('life-web-1')]
  expect(web?.labels).toMatchObject({
    'com.docker.compose.project': 'life',
    'com.docker.compose.service': 'web',
    'com.docker.compose.container-number': '1',
    'com.docker.compose.oneoff': 'False',
    'com.docker.compose.depends_on': 'db:service_healthy:true,job:service_completed_successfully:false',
  })
  expect((await db?.sh('getent hosts web && cat /data/job && touch /anonymous/kept'))?.stdout).toMatch(/web[\s\S]*done/)

  // The task runs again, as with Docker Compose; what runs is left alone.
  const { plan } = await project.up()
  expect(plan.actions.map(({ action, name }) => [action, name])).toEqual([['start', 'life-job-1']])
  expect((await containersOf(project)).get('life-db-1')?.id).toBe(db?.id)

  const changed = await projects.load('life', text.replace('sleep 0.2', 'sleep 0.1'))
  expect((await changed.up({ dryRun: true })).plan.actions.map(({ action, name }) => [action, name])).toEqual([
    ['recreate', 'life-db-1'],
    ['start', 'life-job-1'],
    ['restart', 'life-web-1'],
  ])
  expect(db?.state).toBe('running')
  await changed.up()
  const second = await containersOf(changed)
  expect(second.get('life-db-1')?.id).not.toBe(db?.id)
  expect(second.get('life-web-1')?.id).toBe(web?.id)
  expect((await second.get('life-db-1')?.sh('cat /data/starts; ls /anonymous'))?.stdout).toBe('begun\nbegun\nkept\n')

  // What replaces it cannot be made: the next one has its volumes all the same.
  const broken = await projects.load(
    'life',
    text
      .replace('sleep 0.2', 'sleep 0.1')
      .replace('    volumes: [data:/data, /anon', '    user: nobody-like-that\n    volumes: [data:/data, /anon'),
  )
  await expect(broken.up()).rejects.toMatchObject({ code: 'ERR_USER_NOT_FOUND' })
  expect((await containersOf(changed)).has('life-db-1')).toBe(false)
  await changed.up()
  const mended = (await containersOf(changed)).get('life-db-1')
  expect((await mended?.sh('ls /anonymous'))?.stdout).toBe('kept\n')

  await changed.scale({ web: 3 })
  expect([...(await containersOf(changed)).keys()].filter((name) => name.includes('web'))).toHaveLength(3)
  await changed.scale({ web: 1 })
  expect([...(await containersOf(changed)).keys()].filter((name) => name.includes('web'))).toEqual(['life-web-1'])

  const order = await phasesOf(changed.down())
  expect(order.indexOf('stopped life-web-1')).toBeLessThan(order.indexOf('stopping life-db-1'))
  expect(await containersOf(changed)).toEqual(new Map())
  expect((await Network.list({ engine })).map(({ name }) => name).filter((name) => name.startsWith('life'))).toEqual([])

  // Data stays over down and up, and goes when that is asked for.
  await changed.up({ services: ['db'] })
  const third = await containersOf(changed)
  expect([...third.keys()]).toEqual(['life-db-1'])
  expect((await third.get('life-db-1')?.sh('cat /data/starts; ls /anonymous'))?.stdout).toBe(
    'begun\nbegun\nbegun\nbegun\n',
  )
  await changed.down({ volumes: true })
  const left = await Volume.list({ engine })
  // Docker Compose leaves nameless volumes of a plain down, too.
  expect(left.map(({ anonymous }) => anonymous)).toEqual([true])
})
