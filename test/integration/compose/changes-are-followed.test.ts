// SPDX-License-Identifier: Apache-2.0
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { WatchEvent } from 'tscontainer/compose'
import { expect, test } from 'vitest'
import { watchProject } from '../../../src/compose/watch/watch-project.js'
import { useTestEngine } from '../../support/test-engine.js'
import { useTestProjects } from './support/test-project.js'

const host = useTestEngine()
const projects = useTestProjects(host)

const file = `
services:
  web:
    image: box
    build: .
    network_mode: none
    stop_grace_period: 50ms
    scale: 2
    command: [sleep, infinity]
    develop:
      watch:
        - { action: sync, path: ./src, target: /srv/app, ignore: [node_modules/], initial_sync: true }
        - { action: sync+restart, path: ./etc, target: /srv/etc }
        - { action: sync+exec, path: ./hook, target: /srv/hook, exec: { command: [sh, -c, "cat /srv/hook/a > /srv/ran"] } }
        - { action: rebuild, path: ./package.json }
`
const files = {
  'src/main.js': '1',
  'src/node_modules/x.js': '1',
  'etc/conf': '1',
  'hook/a': '1',
  'package.json': '{}',
  '.dockerignore': '**/*.tmp\n',
}

test('files that change are in all containers of their service, and what is to happen then happens', async () => {
  const project = await projects.load('watched', file, { files })
  await project.up({ noBuild: true })
  const rebuilt: string[] = []
  const tools = {
    rebuild: async (service: string) => void rebuilt.push(service),
    restart: async (service: string) => void (await project.restart({ services: [service] })),
  }
  const over = new AbortController()
  const events = watchProject(project.running, tools, { quietMs: 20, signal: over.signal })
  const until = async (wanted: (event: WatchEvent) => boolean) => {
    for (;;) {
      const { value, done } = await events.next()
      if (done || value.type === 'failed') throw new Error('it ended', { cause: value })
      if (wanted(value)) return value
    }
  }
  const both = async (type: WatchEvent['type']) => [
    await until((event) => event.type === type),
    await until((event) => event.type === type),
  ]
  const inside = async (path: string, index: number) =>
    (await project.sh('web', `cat ${path} 2>/dev/null || echo none`, { index })).stdout.trim()
  const at = (path: string) => join(host.directory, 'watched', path)

  await both('synced')
  expect([await inside('/srv/app/main.js', 1), await inside('/srv/app/main.js', 2)]).toEqual(['1', '1'])
  expect(await inside('/srv/app/node_modules/x.js', 1)).toBe('none')

  await mkdir(at('src/deep'))
  await writeFile(at('src/deep/new.js'), '2')
  await writeFile(at('src/deep/some.tmp'), '2')
  await writeFile(at('src/node_modules/x.js'), '2')
  await rm(at('src/main.js'))
  for (const index of [1, 2]) {
    await expect.poll(() => inside('/srv/app/deep/new.js', index)).toBe('2')
    await expect.poll(() => inside('/srv/app/main.js', index)).toBe('none')
  }
  for (const path of ['deep/some.tmp', 'node_modules/x.js']) expect(await inside(`/srv/app/${path}`, 2)).toBe('none')

  await writeFile(at('hook/a'), 'hooked')
  expect((await both('executed')).map((event) => 'exitCode' in event && event.exitCode)).toEqual([0, 0])
  expect(await inside('/srv/ran', 2)).toBe('hooked')

  const pid = (await project.container('web')).pid
  await writeFile(at('etc/conf'), '2')
  await until((event) => event.type === 'restarted')
  expect((await project.container('web')).pid).not.toBe(pid)
  expect(await inside('/srv/etc/conf', 1)).toBe('2')

  await writeFile(at('package.json'), '{ }')
  await until((event) => event.type === 'rebuilt')
  expect(rebuilt).toEqual(['web'])

  const reason = new Error('enough')
  over.abort(reason)
  await expect(events.next()).rejects.toBe(reason)
  await project.down()
})
