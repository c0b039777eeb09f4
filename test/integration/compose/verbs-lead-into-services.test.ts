// SPDX-License-Identifier: Apache-2.0
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from 'tscontainer'
import type { Project, ProjectLogEntry } from 'tscontainer/compose'
import { beforeAll, expect, test } from 'vitest'
import { useTestEngine } from '../../support/test-engine.js'
import { containersOf, useTestProjects } from './support/test-project.js'

const host = useTestEngine()
const projects = useTestProjects(host)

const file = `
x-base: &base { image: box, network_mode: none, stop_grace_period: 1s }
services:
  web:
    <<: *base
    command: [sh, -c, "trap 'exit 0' TERM; echo ready >&2; while :; do sleep 0.05; done"]
    scale: 2
    init: false
    healthcheck: { test: [CMD, "true"], interval: 50ms }
    environment: { COLOUR: blue }
  job: { <<: *base, command: [sh, -c, "echo working; exit 3"] }
  tool: { <<: *base, profiles: [never], command: [echo, not this], depends_on: { web: { condition: service_healthy } } }
`
let project: Project

beforeAll(async () => {
  project = await projects.load('verbs', file)
  await project.up()
})

test('what runs is listed, and waited for', async () => {
  await project.wait({ services: ['web'], timeoutMs: 20_000 })
  const [job] = await project.wait({ services: ['job'], condition: 'stopped' })
  expect(job).toMatchObject({ name: 'verbs-job-1', state: 'stopped', exitCode: 3, health: null, orphan: false })
  const rows = await project.ps()
  expect(
    rows.map(({ name, service, number, state, health, image }) => [name, service, number, state, health, image]),
  ).toEqual([
    ['verbs-web-1', 'web', 1, 'running', 'healthy', 'box'],
    ['verbs-web-2', 'web', 2, 'running', 'healthy', 'box'],
  ])
  expect((await project.ps({ all: true })).map(({ name }) => name)).toEqual([
    'verbs-job-1',
    'verbs-web-1',
    'verbs-web-2',
  ])
  expect(await project.images({ services: ['job'] })).toMatchObject([{ service: 'job', reference: 'box' }])
  const top = await project.top()
  expect(top.map(({ name }) => name)).toEqual(['verbs-web-1', 'verbs-web-2'])
  expect(top[0]?.processes[0]?.command).toContain('trap')
  const failed = project.wait({ services: ['job'] })
  await expect(failed).rejects.toMatchObject({ code: 'ERR_CONTAINER_EXITED', message: /'job'.*code 3;.*\n {2}working/ })
  await expect(project.ps({ services: ['wbe'] })).rejects.toMatchObject({
    code: 'ERR_INVALID_ARGUMENT',
    option: 'services[0]',
  })
})

test('commands run in the container that is meant; what is not there is said', async () => {
  const { stdout } = await project.exec('web', ['sh', '-c', 'echo $COLOUR $0'], { index: 2 })
  expect(stdout).toBe('blue sh\n')
  const second = await project.container('web', { index: 2 })
  expect((await project.sh('web', 'hostname', { index: 2 })).stdout.trim()).toBe(second.id.slice(0, 12))
  const bytes = await project.exec('web', ['cat'], { stdin: 'text', encoding: 'bytes' })
  expect(bytes.stdout).toEqual(Uint8Array.from(Buffer.from('text')))
  await expect(project.exec('web', ['true'], { index: 7 })).rejects.toMatchObject({ code: 'ERR_CONTAINER_NOT_FOUND' })
  await expect(project.exec('nowhere', ['true'])).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
  await expect(project.port('web', 80)).rejects.toMatchObject({ code: 'ERR_PORT_NOT_PUBLISHED' })
})

test('files are copied into all containers of a service, and out of one', async () => {
  const [source, target] = [join(host.directory, 'in'), join(host.directory, 'out')]
  await mkdir(source)
  await writeFile(join(source, 'file'), 'content')
  await project.cp(source, 'web:/tmp/copied')
  for (const index of [1, 2])
    expect((await project.exec('web', ['cat', '/tmp/copied/file'], { index })).stdout).toBe('content')
  await project.cp('web:/tmp/copied/file', target, { index: 2 })
  expect(await readFile(target, 'utf8')).toBe('content')
  await expect(project.cp(source, target)).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' })
})

test('one command runs in a container of its own, of a service without profile too, and is gone afterwards', async () => {
  const done = await project.run('tool', ['sh', '-c', 'echo $A; cat; echo oops >&2'], {
    env: { A: 'one' },
    stdin: 'two',
  })
  expect(done).toMatchObject({ stdout: 'one\ntwo', stderr: 'oops\n', exit: { code: 0 } })
  expect(done.container.name).toMatch(/^verbs-tool-run-[0-9a-f]{12}$/)
  expect(done.container.state).toBe('removed')
  expect((await project.run('tool', undefined, { noDeps: true })).stdout).toBe('not this\n')
  await expect(project.run('web', ['sh', '-c', 'echo why; exit 4'])).rejects.toMatchObject({
    code: 'ERR_CONTAINER_EXITED',
    exit: { code: 4 },
    message: expect.stringContaining('  why'),
  })
  const { container, exit } = await project.run('tool', ['sleep', '30'], { wait: false, noDeps: true, name: 'mine' })
  expect([exit, container.name, container.state]).toEqual([null, 'mine', 'running'])
  expect((await project.ps({ all: true })).find(({ name }) => name === 'mine')).toMatchObject({ oneoff: true })
  await container.remove({ force: true })
  expect([...(await containersOf(project)).keys()]).toEqual(['verbs-job-1', 'verbs-web-1', 'verbs-web-2'])
})

test('logs, events and stats follow containers that come later, and are shown behind their names', async () => {
  const entries: ProjectLogEntry[] = []
  for await (const entry of project.logs()) entries.push(entry)
  expect(entries.map(({ container, line }) => `${container} ${line}`).sort()).toEqual([
    'verbs-job-1 working',
    'verbs-web-1 ready',
    'verbs-web-2 ready',
  ])
  expect(entries.map(({ timeNs }) => timeNs)).toEqual(entries.map(({ timeNs }) => timeNs).sort((a, b) => Number(a - b)))

  let shown = ''
  const attached = project.attach({ services: ['web'], target: { write: (text: string) => (shown += text) } })
  const followed = project.logs({ follow: true, services: ['web'], tail: 0 })
  const third = followed.next()
  const measured = project.stats({ services: ['web'], intervalMs: 20 })
  const events = project.events({ services: ['web'] })
  await project.scale({ web: 3 })
  expect((await third).value).toMatchObject({ container: 'verbs-web-3', number: 3, line: 'ready', stream: 'stderr' })
  await followed.return()
  for await (const event of events) if (event.type === 'running' && event.number === 3) break
  const names = new Set<string>()
  for await (const { name } of measured) if (names.add(name).size === 3) break
  expect([...names].sort()).toEqual(['verbs-web-1', 'verbs-web-2', 'verbs-web-3'])
  await project.stop({ services: ['web'] })
  await attached
  expect(shown).toContain('web-3  | ready\n')
  for (const number of [1, 2, 3]) expect(shown).toContain(`web-${number}  | exited with code 0\n`)
})

test('an aborted wait rejects with its reason, one that takes too long names whom it waits for', async () => {
  await project.start({ services: ['web'] })
  const reason = new Error('enough')
  const waiting = project.wait({ services: ['web'], condition: 'stopped', signal: AbortSignal.timeout(30) })
  await expect(waiting).rejects.toMatchObject({ name: 'TimeoutError' })
  await expect(project.wait({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  const late = await project.wait({ services: ['web'], condition: 'stopped', timeoutMs: 30 }).catch((error) => error)
  expect(EngineError.is(late, 'ERR_TIMEOUT') && late.message).toContain('verbs-web-1')
  await project.down()
})
