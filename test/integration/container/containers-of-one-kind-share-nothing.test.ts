// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import { Container, type ContainerOptions, Engine } from '../../../src/index.js'
import type { Changeable } from '../../support/changeable.js'
import { useTestEngine } from '../../support/test-engine.js'

const host = useTestEngine()

const told = async (container: Container): Promise<readonly string[]> => {
  await container.start()
  await container.wait()
  const lines: string[] = []
  for await (const { line } of container.logs()) lines.push(line)
  return lines
}

test('each container is what its options said when it was made, though the object is one', async () => {
  const script =
    'echo "$A"; hostname; cat /etc/hosts | grep -c own.example; [ -d /shared ] && echo mounted || echo none'
  const options: Changeable = { command: ['sh', '-c', script], env: { A: '1' }, labels: { n: '1' }, network: 'none' }
  const first = await host.create(options)
  const again = await host.create(options)
  options.env.A = '2'
  options.labels.n = '2'
  options.hostname = 'second'
  options.extraHosts = { 'own.example': '10.0.0.1' }
  options.mounts = [{ type: 'tmpfs', target: '/shared' }]
  const second = await host.create(options)
  delete options.mounts
  delete options.hostname
  options.env.A = '1'
  const third = await host.create(options)
  expect([first, again, second, third].map(({ labels }) => labels.n)).toEqual(['1', '1', '2', '2'])
  expect(await told(first)).toEqual(['1', first.id.slice(0, 12), '0', 'none'])
  expect(await told(again)).toEqual(['1', again.id.slice(0, 12), '0', 'none'])
  expect(await told(second)).toEqual(['2', 'second', '1', 'mounted'])
  expect(await told(third)).toEqual(['1', third.id.slice(0, 12), '1', 'none'])
  for (const container of [first, again, second, third]) await container.remove()
})

test('nothing that one container hands out leads to another', async () => {
  const options: ContainerOptions = { command: ['true'], labels: { own: 'one' }, network: 'none' }
  const one = await host.create(options)
  const attempts = [
    () => Object.assign(one.labels, { own: 'changed' }),
    async () => Object.assign((await one.inspect()).labels, { own: 'changed' }),
    async () => ((await one.inspect()).env as string[]).push('LEAK=1'),
  ]
  for (const attempt of attempts) {
    try {
      await attempt()
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError)
    }
  }
  const other = await host.create(options)
  const { labels, env } = await other.inspect()
  expect(labels).toEqual({ own: 'one' })
  expect(env).not.toContain('LEAK=1')
  for (const container of [one, other]) await container.remove()
})

test('engines with other defaults make other containers of the same options', async () => {
  const defaults: Changeable = { labels: { engine: 'second' } }
  const directories = { root: `${host.directory}/second`, runRoot: `${host.directory}/second-run` }
  const engine = await Engine.open({ ...directories, defaults })
  const options: ContainerOptions = { command: ['true'], labels: { own: 'one' }, network: 'none' }
  const { Image } = await import('../../../src/index.js')
  const image = await Image.host({ engine })
  const there = await Container.create(image, { ...options, engine })
  const here = await host.create(options)
  defaults.labels.engine = 'changed'
  const later = await Container.create(image, { ...options, engine })
  expect([there, here, later].map(({ labels }) => labels)).toEqual([
    { engine: 'second', own: 'one' },
    { own: 'one' },
    { engine: 'changed', own: 'one' },
  ])
  for (const container of [there, here, later]) await container.remove()
  await engine.close()
})

test('a volume and a network of one are not those of the next', async () => {
  const options: ContainerOptions = {
    command: ['sh', '-c', 'cat /data/found 2>/dev/null; echo "$0" > /data/found; ls /data'],
    mounts: [{ type: 'volume', target: '/data' }],
    network: 'none',
  }
  const one = await host.create(options)
  const other = await host.create(options)
  expect(await told(one)).toEqual(['found'])
  expect(await told(other)).toEqual(['found'])
  const sources = await Promise.all([one, other].map(async (box) => (await box.inspect()).mounts[0]?.source))
  expect(new Set(sources).size).toBe(2)
  for (const container of [one, other]) await container.remove({ volumes: true })
})

test('commands that run once in the same options are of their own time', async () => {
  const { engine, image } = host
  const options: Changeable = { engine, env: { A: '1' }, network: 'none' }
  const says = async () =>
    String((await Container.runOnce(image, ['sh', '-c', 'echo "$A" $(hostname)'], options)).stdout)
  const [one, two] = [(await says()).trim().split(' '), (await says()).trim().split(' ')]
  expect([one[0], two[0]]).toEqual(['1', '1'])
  expect(one[1]).not.toBe(two[1])
  options.env.A = '2'
  expect(await says()).toMatch(/^2 /)
  // The same options make a container that runs a command, not an idle one.
  const box = await Container.create(image, { ...options, command: ['sh', '-c', 'echo "$A"'] })
  expect(await told(box)).toEqual(['2'])
  await box.remove()
})
