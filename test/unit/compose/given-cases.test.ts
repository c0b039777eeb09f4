// SPDX-License-Identifier: Apache-2.0
import { Project } from 'tscontainer/compose'
import { describe, expect, test } from 'vitest'
import { fixture, plain, readCases } from './support/cases.js'
import { load } from './support/load.js'

interface ValidCase {
  readonly env: Readonly<Record<string, string>>
  readonly facts: readonly {
    readonly path: readonly (string | number)[]
    readonly equals?: unknown
    readonly length?: number
  }[]
}

const at = (model: unknown, path: readonly (string | number)[]): unknown =>
  path.reduce((value, key) => (value as Record<string | number, unknown> | undefined)?.[key], model)

// Their point is a key; that something else is missing is not.
const incomplete = ['models-Models.yaml', 'secrets-SecretFileModeString.yaml']

describe('valid files', () => {
  test.each(Object.entries(readCases<Record<string, ValidCase>>('valid/index.json')))(
    '%s',
    async (name, { env, facts }) => {
      const file = fixture(`valid/${name}`)
      const model = await Project.load(file, { env, consistency: incomplete.includes(name) ? 'skip' : 'check' })
      for (const { path, equals, length } of facts) {
        const value = at(model, path)
        if (length === undefined) expect(plain(value), path.join('.')).toEqual(equals)
        else expect(value, path.join('.')).toHaveLength(length)
      }
    },
  )
})

const complete = Object.entries(readCases<Record<string, ValidCase>>('valid/index.json')).filter(
  ([name]) => !incomplete.includes(name),
)

test.each(complete)('%s is a whole project, and what config() prints loads to the same', async (name, { env }) => {
  const project = await Project.load(fixture(`valid/${name}`), { env })
  for (const format of ['yaml', 'json'] as const) {
    const again = await load(project.config({ format }), { env, name: undefined })
    expect(again.config()).toBe(project.config())
  }
})

interface InvalidCase {
  readonly file: string
  readonly errorContains: string | null
}

describe('invalid files', () => {
  test.each(readCases<readonly InvalidCase[]>('invalid/index.json'))('$file', async ({ file, errorContains }) => {
    const loading = Project.load(fixture(`invalid/${file}`), { env: {}, name: 'test' })
    await expect(loading).rejects.toThrow(
      expect.objectContaining({
        code: 'ERR_COMPOSE_INVALID',
        message: expect.stringMatching(new RegExp(`${file}:\\d+:\\d+: `)),
      }),
    )
    const message = await loading.then(String, (error: Error) => error.message)
    if (errorContains !== null) expect(inOneForm(message)).toContain(inOneForm(errorContains))
  })
})

// The words are those of the specification's own loader, the paths and what stands between are ours.
const inOneForm = (message: string): string =>
  message
    .replaceAll(/\[(\d+)\]/g, '.$1')
    .replaceAll(/: | or empty| or a list/g, ' ')
    .replace(/(external_volume)\.\w+/, '$1')

describe('files that name others', () => {
  const outcome = (name: string) => Project.load(fixture(`testdata-loader/${name}`), { env: {}, name: 'test' })

  test.each([
    ['compose-depends-on-cycle.yaml', 'dependency cycle detected: service1 -> service2 -> service3 -> service1'],
    ['compose-depends-on-self.yaml', 'dependency cycle detected: service1 -> service1'],
    ['compose-include-cycle.yaml', 'include cycle detected'],
    ['empty.yaml', 'empty compose file'],
    ['remote/cycle/compose.yaml', 'remote:cycle'],
    ['extends/base.yaml', 'services.nil: must be a mapping'],
  ])('%s is refused', async (name, message) => {
    await expect(outcome(name)).rejects.toThrow(message)
  })

  test.each([
    ['combined/compose.yaml', { service: { build: { context: fixture('testdata-loader/combined/dir') } } }],
    ['include/compose.yaml', { included: { volumes: [{ source: fixture('testdata-loader/include') }] } }],
    [
      'include/project-directory.yaml',
      {
        service: {
          volumes: [{ source: fixture('testdata-loader/subdir/compose-test-extends-imported.yaml') }],
          environment: { SOURCE: 'extends' },
        },
      },
    ],
    [
      'compose-include.yaml',
      {
        imported: { container_name: 'imported', environment: { SOURCE: 'extends' } },
        bar: { environment: { FOO: 'BAR' } },
      },
    ],
    ['compose-test-extends.yaml', { importer: { image: 'nginx', environment: { SOURCE: 'extends' } } }],
    [
      'compose-test-extends-with-context-url.yaml',
      { 'importer-with-https-url': { build: { context: 'https://github.com/docker/compose.git' } } },
    ],
    [
      'compose-test-with-version.yaml',
      { web: { depends_on: { other: { condition: 'service_started' } } }, other: { command: ['top'] } },
    ],
    ['extends/withdir/compose.yaml', { test: { image: 'hello-world' } }],
    ['extends/nested.yaml', { 'with-build': { build: { context: fixture('testdata-loader/extends') } } }],
    ['extends/depends_on.yaml', { with_ipc: { depends_on: { zot: { restart: true } } } }],
  ])('%s loads', async (name, services) => {
    expect(plain((await outcome(name)).services)).toMatchObject(services)
  })

  test('a reset takes away what comes from the service that is extended', async () => {
    const { services } = await outcome('extends/reset.yaml')
    expect(services.base).toEqual(expect.objectContaining({ image: 'alpine:latest' }))
    expect(services.base).not.toHaveProperty('command')
    expect(services.init?.command).toEqual(['sleep', 'infinity'])
  })

  test('a cycle does not matter to who only looks', async () => {
    const file = fixture('testdata-loader/compose-depends-on-profile-no-cycle.yaml')
    expect(Object.keys((await Project.load(file, { env: {}, consistency: 'skip' })).services)).toHaveLength(3)
  })
})
