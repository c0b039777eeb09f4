// SPDX-License-Identifier: Apache-2.0
import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Image, Network } from 'tscontainer'
import { expect, test } from 'vitest'
import { useTestEngine } from '../../support/test-engine.js'
import { containersOf, useTestProjects } from './support/test-project.js'

const host = useTestEngine()
const projects = useTestProjects(host)

const service = 'image: box, command: [sleep, infinity], stop_grace_period: 50ms'
const text = (network: string, more = '') => `
services:
  web: { ${service}, networks: [front], volumes: [/kept] }
  side: { ${service}, network_mode: "service:web" }
  ${more}
networks: { front: ${network} }
`

test('a network that changed is made anew with those on it, which keep their volumes; orphans go on request', async () => {
  const first = await projects.load('nets', text('{}', `old: { ${service}, network_mode: none }`))
  await first.up()
  const before = await containersOf(first)
  await before.get('nets-web-1')?.sh('touch /kept/file')
  const networkId = async () => (await Network.get('nets_front', { engine: host.engine })).id
  const network = await networkId()

  const second = await projects.load('nets', text('{ internal: true }'))
  const warnings: string[] = []
  await second.up({ onProgress: (event) => event.type === 'warning' && warnings.push(`${event.kind} ${event.name}`) })
  expect(warnings).toEqual(['orphan nets-old-1'])
  expect(await networkId()).not.toBe(network)
  const after = await containersOf(second)
  expect([...after.keys()]).toEqual(['nets-old-1', 'nets-side-1', 'nets-web-1'])
  for (const name of ['nets-web-1', 'nets-side-1']) expect(after.get(name)?.id).not.toBe(before.get(name)?.id)
  const [web, side] = [after.get('nets-web-1'), after.get('nets-side-1')]
  expect((await web?.sh('ls /kept'))?.stdout).toBe('file\n')
  const addresses = async (one: typeof web) => (await one?.sh('cat /proc/net/fib_trie'))?.stdout
  expect(await addresses(side)).toBe(await addresses(web))

  await second.up({ removeOrphans: true, forceRecreate: true, renewAnonVolumes: true, services: ['web'] })
  const renewed = await containersOf(second)
  expect([...renewed.keys()]).toEqual(['nets-side-1', 'nets-web-1'])
  expect((await renewed.get('nets-web-1')?.sh('ls /kept'))?.stdout).toBe('')
  await second.down({ volumes: true })
})

test('an external network is used and left; one that is missing is named', async () => {
  const outside = `services: { a: { ${service}, networks: [far] } }\nnetworks: { far: { external: true, name: far-away } }`
  const project = await projects.load('outer', outside)
  await expect(project.up()).rejects.toMatchObject({ code: 'ERR_NETWORK_NOT_FOUND', object: 'far-away' })
  const network = await Network.create({ engine: host.engine, name: 'far-away' })
  await project.up()
  await project.down()
  expect((await network.inspect()).name).toBe('far-away')
  await network.remove()
})

test('images are built once, their containers follow a new one, and they go when that is asked for', async () => {
  const files = {
    Dockerfile: 'FROM scratch\nCOPY busybox /bin/busybox\nCOPY text /text\nCMD ["/bin/busybox", "sleep", "1000"]\n',
  }
  const built = `services: { web: { build: ., network_mode: none, stop_grace_period: 0s } }`
  await mkdir(join(host.directory, 'built'))
  await copyFile('/bin/busybox', join(host.directory, 'built/busybox'))
  const project = await projects.load('built', built, { files: { ...files, text: 'one' } })
  await project.up()
  const first = (await containersOf(project)).get('built-web-1')
  expect((await project.up()).plan.actions).toEqual([])
  // The file changed: `up` does not look at contexts, unless it shall.
  await projects.load('built', built, { files: { ...files, text: 'two' } })
  expect((await project.up()).plan.actions).toEqual([])
  const { plan } = await project.up({ build: true })
  expect(plan.actions.map(({ action, reason }) => [action, reason])).toEqual([['recreate', 'its image changed']])
  const second = (await containersOf(project)).get('built-web-1')
  expect(second?.image.id).not.toBe(first?.image.id)
  expect((await second?.exec(['/bin/busybox', 'cat', '/text']))?.stdout).toBe('two')
  expect((await project.up({ build: true })).plan.actions).toEqual([])
  await project.down({ images: 'local' })
  const names = (await Image.list({ engine: host.engine })).flatMap(({ tags }) => tags)
  expect(names.filter((name) => name.startsWith('built-web'))).toEqual([])
})
