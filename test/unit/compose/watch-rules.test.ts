// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path'
import { Project } from 'tscontainer/compose'
import { expect, test } from 'vitest'
import { watchRules } from '../../../src/compose/watch/watch-rule.js'
import { projectWith } from './support/load.js'

const rulesOf = async (watch: string, files: Readonly<Record<string, string>> = {}) => {
  const text = `services:\n  web:\n    build: .\n    develop:\n      watch:\n${watch}`
  const directory = projectWith({ 'compose.yaml': text, Dockerfile: 'FROM scratch', 'src/keep': '', ...files })
  const { services } = await Project.load(join(directory, 'compose.yaml'))
  return await watchRules('web', services.web as NonNullable<typeof services.web>)
}
const sync = (more: string) => `        - { action: sync, path: ./src, target: /app, ${more} }\n`

test('what .dockerignore leaves out does not count, relative to the context, nor what editors and git write', async () => {
  const [rule] = await rulesOf(sync(''), { '.dockerignore': 'src/cache\n**/*.log\n!src/cache/kept\n' })
  expect(rule?.wants('a.js', false)).toBe(true)
  expect(rule?.wants('deep/a.log', false)).toBe(false)
  expect(rule?.wants('cache/x', false)).toBe(false)
  expect(rule?.wants('cache', true)).toBe(true)
  expect(rule?.wants('cache/kept', false)).toBe(true)
  for (const name of ['.git', 'deep/.git', 'a.js~', 'deep/.a.js.swp', '4913', '.#a.js'])
    expect(rule?.wants(name, false)).toBe(false)
})

test('the ignore file of the Dockerfile goes first', async () => {
  const [rule] = await rulesOf(sync(''), { '.dockerignore': 'src/a', 'Dockerfile.dockerignore': 'src/b' })
  expect([rule?.wants('a', false), rule?.wants('b', false)]).toEqual([true, false])
})

test('ignore and include are relative to the path; directories are looked into all the same', async () => {
  const [rule] = await rulesOf(sync('ignore: [node_modules/], include: ["**/*.ts"]'))
  expect(rule?.wants('node_modules', true)).toBe(false)
  expect(rule?.wants('lib', true)).toBe(true)
  expect([rule?.wants('lib/a.ts', false), rule?.wants('lib/a.js', false)]).toEqual([true, false])
})

test.each([
  [
    'a target that is missing',
    '        - { action: sync, path: ./src, target: app }\n',
    'ERR_COMPOSE_INVALID',
    'target',
  ],
  [
    'a command that is missing',
    '        - { action: sync+exec, path: ./src, target: /x }\n',
    'ERR_COMPOSE_INVALID',
    'exec',
  ],
  [
    'a command with privileges',
    '        - { action: sync+exec, path: ./src, target: /x, exec: { command: "true", privileged: true } }\n',
    'ERR_UNSUPPORTED',
    'privileged',
  ],
])('%s is refused', async (_, rule, code, option) => {
  const error: unknown = await rulesOf(rule).catch((reason) => reason)
  expect(error).toMatchObject({ code, option: expect.stringContaining(option) })
})
