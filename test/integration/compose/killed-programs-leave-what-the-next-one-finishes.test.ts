// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises'
import { Network, Volume } from 'tscontainer'
import { Project } from 'tscontainer/compose'
import { expect, test } from 'vitest'
import { type RunningProgram, runProgram } from '../../support/program.js'
import { useTestEngine } from '../../support/test-engine.js'
import { containersOf, useTestProjects } from './support/test-project.js'

const host = useTestEngine()
const projects = useTestProjects(host)

const names = ['a', 'b', 'c', 'd', 'e', 'f'] as const

/** Six services in a chain of pairs, with a volume and, unless they are to outlive their process, a network. */
const text = (network: string) => `
services:
${names
  .map(
    (name, index) => `
  ${name}:
    image: box
    command: [sleep, infinity]
    ${network}
    stop_grace_period: 50ms
    volumes: [data:/data]
    depends_on: [${index < 2 ? '' : names[index - 2]}]`,
  )
  .join('')}
volumes: { data: {} }
`

/** A program that waits to be told, and then does this with the project. */
const program = (name: string, deed: string): Promise<RunningProgram> => {
  const options = { root: host.root, runRoot: host.runRoot }
  return runProgram(
    host.directory,
    `${name}-${deed.replace(/\W/g, '')}`,
    `import { Engine } from 'tscontainer'
     import { Project } from 'tscontainer/compose'
     const engine = await Engine.open(${JSON.stringify(options)})
     const project = await Project.load(${JSON.stringify(`${host.directory}/${name}/compose.yaml`)}, { env: {}, name: '${name}', engine })
     process.once('SIGUSR2', async () => {
       await project.${deed}
       console.log('done')
     })
     setInterval(() => {}, 1000)
     console.log('ready')`,
  )
}

const killedAfter = async (running: RunningProgram, ms: number): Promise<void> => {
  running.process.kill('SIGUSR2')
  await sleep(ms)
  running.process.kill('SIGKILL')
  await running.ended()
}

const isWhole = async (project: Project): Promise<void> => {
  const containers = [...(await containersOf(project)).values()]
  expect(containers.map(({ name, state }) => `${name} ${state}`)).toEqual(
    names.map((name) => `${project.name}-${name}-1 running`),
  )
}

test('up and down are killed at any moment: the next up has each container once, the next down leaves nothing', {
  timeout: 60_000,
}, async () => {
  const mortal = await projects.load('mortal', text(''))
  const lasting = await projects.load('lasting', text(''))
  const [early, late, first, second, down] = await Promise.all([
    program('mortal', 'up()'),
    program('mortal', 'up({ wait: true })'),
    program('lasting', 'up({ detached: true })'),
    program('lasting', 'up({ detached: true, wait: true })'),
    program('lasting', 'down({ volumes: true })'),
  ])
  for (const running of [early, late, first, second, down]) await running.line()

  await killedAfter(early, 20)
  await mortal.up()
  await isWhole(mortal)
  await mortal.down()
  await killedAfter(late, 80)
  await Promise.all([mortal.up(), mortal.up()])
  await isWhole(mortal)
  await mortal.down({ volumes: true })

  await killedAfter(first, 25)
  await killedAfter(second, 60)
  await lasting.up({ detached: true })
  await isWhole(lasting)
  // Found again without its files, as by a program that knows nothing but the name.
  const found = await Project.find('lasting', { engine: host.engine })
  expect((await Project.list({ engine: host.engine })).map(({ name, services }) => [name, services.a])).toEqual([
    ['lasting', { total: 1, running: 1 }],
  ])
  expect(() => found.up()).toThrow(
    expect.objectContaining({ code: 'ERR_UNSUPPORTED', hint: expect.stringContaining('compose.yaml') }),
  )
  await killedAfter(down, 30)
  await found.down({ volumes: true })
  expect(await containersOf(lasting)).toEqual(new Map())
  expect(await Volume.list({ engine: host.engine })).toEqual([])
  expect((await Network.list({ engine: host.engine })).filter(({ name }) => /mortal|lasting/.test(name))).toEqual([])
  await expect(Project.find('lasting', { engine: host.engine })).rejects.toMatchObject({
    code: 'ERR_PROJECT_NOT_FOUND',
  })
})
