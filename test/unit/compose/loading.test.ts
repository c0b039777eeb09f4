// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path'
import { Project } from 'tscontainer/compose'
import { describe, expect, test } from 'vitest'
import { plain } from './support/cases.js'
import { load, projectWith } from './support/load.js'

const invalid = (message: string | RegExp) =>
  expect.objectContaining({ code: 'ERR_COMPOSE_INVALID', message: expect.stringMatching(message) })

describe('the name', () => {
  const directory = (files = {}) => projectWith({ 'My_App.2/compose.yaml': 'services: {a: {image: x}}', ...files })
  const nameOf = async (options = {}, files = {}) =>
    (await Project.load(join(directory(files), 'My_App.2'), { env: {}, ...options })).name

  test('comes from the directory, in what names can have', async () => expect(await nameOf()).toBe('my_app2'))
  test('comes from the file before that', async () => {
    expect(await nameOf({}, { 'My_App.2/compose.yaml': `name: "\${N:-of}-file"\nservices: {a: {image: x}}` })).toBe(
      'of-file',
    )
  })
  test('comes from the environment before that, also from .env', async () => {
    expect(await nameOf({ env: { COMPOSE_PROJECT_NAME: 'of-env' } })).toBe('of-env')
    expect(await nameOf({}, { 'My_App.2/.env': 'COMPOSE_PROJECT_NAME=of-dotenv' })).toBe('of-dotenv')
  })
  test('comes from the option before all', async () => {
    expect(await nameOf({ name: 'given', env: { COMPOSE_PROJECT_NAME: 'of-env' } })).toBe('given')
  })
  test('is there for variables', async () => {
    const { services } = await load(`services: {a: {image: "\${COMPOSE_PROJECT_NAME}"}}`, { name: 'mine' })
    expect(services.a?.image).toBe('mine')
  })
  test.each(['Upper', '-a', 'a b', 'ä', 'a.b'])('%s is none', async (name) => {
    await expect(nameOf({ name })).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', option: 'name' }),
    )
    await expect(load(`name: "${name}"\nservices: {a: {image: x}}`, { name: undefined })).rejects.toEqual(
      invalid('invalid project name'),
    )
  })
})

describe('variables', () => {
  test('of the environment win over those of .env, which wins over defaults', async () => {
    const text = `services: {a: {image: "\${A:-d}-\${B:-d}-\${C:-d}"}}`
    const { services } = await load(text, { env: { A: 'env' } }, { '.env': `A=file\nB=\${A}file\n` })
    expect(services.a?.image).toBe('env-envfile-d')
  })
  test('become numbers and truth where the specification wants such', async () => {
    const text = `services: {a: {image: x, privileged: "\${T}", pids_limit: $N, init: "\${NO}", ports: [{target: "\${N}"}]}}`
    const { services } = await load(text, { env: { T: 'yes', N: '80', NO: 'off' } })
    expect(plain(services.a)).toMatchObject({ privileged: true, pids_limit: 80, init: false, ports: [{ target: 80 }] })
  })
  test('that are not set are told, with their place', async () => {
    const { warnings, services } = await load('services:\n  a:\n    image: x$TAG')
    expect(services.a?.image).toBe('x')
    expect(warnings).toEqual([
      expect.objectContaining({
        kind: 'unset-variable',
        path: 'services.a.image',
        position: expect.objectContaining({ line: 3 }),
      }),
    ])
  })
  test('that are required are refused, with their place', async () => {
    await expect(load(`services:\n  a:\n    image: \${TAG:?give a tag}`)).rejects.toEqual(
      invalid('compose.yaml:3:5: services.a.image: required variable TAG is missing a value: give a tag'),
    )
  })
  test('without value take that of the environment; those that nobody has stay without', async () => {
    const { services } = await load('services: {a: {image: x, environment: [A, B, "C=", D=1]}}', { env: { A: 'a' } })
    expect(plain(services.a?.environment)).toEqual({ A: 'a', B: null, C: '', D: '1' })
  })
  test('are text, whatever YAML has', async () => {
    const { services } = await load(
      'services: {a: {image: x, environment: {A: no, B: true, C: 1.0, D: 0x10, E: 12345678901234567890, F: }}}',
    )
    expect(plain(services.a?.environment)).toEqual({
      A: 'no',
      B: 'true',
      C: '1',
      D: '16',
      E: '12345678901234567890',
      F: null,
    })
  })
})

describe('env files', () => {
  const text = (more = '') =>
    `services: {a: {image: x, environment: {A: own, D: }, env_file: [one.env, two.env${more}]}}`
  const files = { 'one.env': 'A=1\nB=1\nC=1\nD=1\n', 'two.env': `C=\${B}2\nE=$X\n` }

  test('come before what the service says, later ones over earlier ones', async () => {
    const { services } = await load(text(), { env: { X: 'x' } }, files)
    expect(plain(services.a?.environment)).toEqual({ A: 'own', B: '1', C: '12', D: '1', E: 'x' })
  })
  test('have to be there unless they need not', async () => {
    await expect(load(text(', three.env'), {}, files)).rejects.toEqual(
      invalid(/env_file\[2\]: env file .*three.env not found/),
    )
    await load(text(', {path: three.env, required: false}'), {}, files)
  })
  test('of services that are not active are not read', async () => {
    await load('services: {a: {image: x}, b: {image: x, profiles: [p], env_file: missing.env}}')
  })
  test('with labels come before labels', async () => {
    const { services } = await load('services: {a: {image: x, labels: {A: own}, label_file: l}}', {}, { l: 'A=1\nB=2' })
    expect(plain(services.a?.labels)).toEqual({ A: 'own', B: '2' })
  })
  test('of an unknown format are refused, raw ones taken as they are', async () => {
    const of = (format: string) =>
      load(`services: {a: {image: x, env_file: [{path: e, format: ${format}}]}}`, {}, { e: "A='$B'" })
    expect(plain((await of('raw')).services.a?.environment)).toEqual({ A: "'$B'" })
    await expect(of('toml')).rejects.toEqual(invalid('no format'))
  })
})

describe('profiles', () => {
  const text = 'services: {a: {image: x}, b: {image: x, profiles: [p, q]}, c: {image: x, profiles: [r]}}'
  test.each([
    [{}, ['a']],
    [{ profiles: ['q'] }, ['a', 'b']],
    [{ profiles: ['*'] }, ['a', 'b', 'c']],
    [{ env: { COMPOSE_PROFILES: 'p,r' } }, ['a', 'b', 'c']],
    [{ env: { COMPOSE_PROFILES: 'p,r' }, profiles: [] }, ['a']],
  ])('%j', async (options, names) => {
    const project = await load(text, options)
    expect(Object.keys(project.services)).toEqual(names)
    expect([...Object.keys(project.services), ...Object.keys(project.disabledServices)].sort()).toEqual(['a', 'b', 'c'])
  })
  test('a dependency that is not active is refused with its profiles, or told of if it is optional', async () => {
    const needs = (more: string) =>
      `services: {a: {image: x, depends_on: {b: {condition: service_started${more}}}}, b: {image: x, profiles: [p]}}`
    await expect(load(needs(''))).rejects.toEqual(expect.objectContaining({ hint: expect.stringContaining('(p)') }))
    expect((await load(needs(', required: false'))).warnings).toEqual([
      expect.objectContaining({ kind: 'missing-dependency' }),
    ])
  })
})

describe('several files', () => {
  test('are merged in their order, and relative paths are of the first one', async () => {
    const directory = projectWith({
      'a/compose.yaml': 'services: {s: {image: x, ports: ["80:80"], volumes: ["./d:/d"]}}',
      'b/over.yaml': 'services: {s: {image: y, ports: ["80:80", "81:81"], volumes: ["./e:/e"]}}',
    })
    const { services, files } = await Project.load(
      [join(directory, 'a/compose.yaml'), join(directory, 'b/over.yaml')],
      { env: {} },
    )
    expect(plain(services.s)).toMatchObject({
      image: 'y',
      ports: [{ published: '80' }, { published: '81' }],
      volumes: [{ source: join(directory, 'a/d') }, { source: join(directory, 'a/e') }],
    })
    expect(files).toHaveLength(2)
  })
  test('overrides of the program come last, as documents or paths', async () => {
    const overrides = [{ services: { a: { environment: { B: '$X' }, command: ['run'] } } }]
    const { services } = await load('services: {a: {image: x, environment: [A=1]}}', { overrides, env: { X: 'x' } })
    expect(plain(services.a)).toMatchObject({ environment: { A: '1', B: 'x' }, command: ['run'] })
    await expect(load('services: {a: {image: x}}', { overrides: { services: { a: { imag: 1 } } } })).rejects.toEqual(
      invalid("'imag' not allowed"),
    )
  })
  test('documents of one file are merged too', async () => {
    const { services } = await load('services: {a: {image: x}}\n---\nservices: {a: {image: y, init: true}}\n')
    expect(plain(services.a)).toMatchObject({ image: 'y', init: true })
  })
  test('a directory has its compose file and the override beside it; one named has none', async () => {
    const directory = projectWith({
      'compose.yaml': 'services: {a: {image: x}}',
      'compose.override.yml': 'services: {a: {image: y}}',
      'sub/x': '',
    })
    const imageAt = async (path: string) => (await Project.load(path, { env: {} })).services.a?.image
    expect(await imageAt(directory)).toBe('y')
    expect(await imageAt(join(directory, 'sub'))).toBe('y')
    expect(await imageAt(join(directory, 'compose.yaml'))).toBe('x')
    const env = { COMPOSE_FILE: `${directory}/compose.yaml:${directory}/compose.override.yml` }
    expect((await Project.load(undefined, { env })).services.a?.image).toBe('y')
  })
  test('a tag takes away what an earlier file says', async () => {
    const directory = projectWith({
      'a.yaml': 'services: {a: {image: x, ports: ["1:1"], environment: {A: 1}}, b: {image: x}}',
      'b.yaml': 'services: {a: {ports: !override ["2:2"], environment: !reset {}}, b: !reset null}',
    })
    const { services } = await Project.load([join(directory, 'a.yaml'), join(directory, 'b.yaml')], { env: {} })
    expect(plain(services)).toMatchObject({ a: { ports: [{ published: '2' }] } })
    expect(Object.keys(services)).toEqual(['a'])
    expect(services.a).not.toHaveProperty('environment')
  })
})

describe('extends', () => {
  test('puts the service under the one that extends it', async () => {
    const { services } = await load(`
services:
  base: {image: x, environment: {A: 1, B: 1}, command: [base], ports: ["1:1"], labels: [l=1], depends_on: [dep], build: .}
  mid: {extends: base, environment: [B=2]}
  top: {extends: {service: mid}, command: top, ports: ["2:2"], depends_on: {other: {condition: service_healthy}}, build: {target: t}}
  dep: {image: x}
  other: {image: x}
`)
    expect(plain(services.top)).toMatchObject({
      environment: { A: '1', B: '2' },
      command: ['top'],
      ports: [{ target: 1 }, { target: 2 }],
      depends_on: { dep: {}, other: { condition: 'service_healthy' } },
      build: { target: 't', dockerfile: 'Dockerfile' },
    })
    expect(plain(services.base?.environment)).toEqual({ A: '1', B: '1' })
    expect(services.top).not.toHaveProperty('extends')
  })
  test('names cycles, also across files', async () => {
    await expect(load('services: {a: {extends: b}, b: {extends: a}}')).rejects.toEqual(
      invalid(/Circular reference:\n {2}a in .*\n {2}extends b in .*\n {2}extends a/),
    )
    const files = { 'other.yaml': 'services: {b: {extends: {file: compose.yaml, service: a}}}' }
    await expect(load('services: {a: {extends: {file: other.yaml, service: b}}}', {}, files)).rejects.toEqual(
      invalid('Circular reference'),
    )
  })
  test('does not fetch files from elsewhere', async () => {
    await expect(load('services: {a: {extends: {file: "https://x.test/a.yaml", service: b}}}')).rejects.toEqual(
      expect.objectContaining({ code: 'ERR_UNSUPPORTED', option: 'services.a.extends.file' }),
    )
  })
})

describe('include', () => {
  test('has its own directory and variables; those of the project win', async () => {
    const files = {
      'sub/compose.yaml': `services: {b: {image: "\${A}-\${B}", volumes: ["./d:/d"], networks: [n]}}\nnetworks: {n: }`,
      'sub/.env': 'A=sub\nB=sub',
    }
    const { services, networks } = await load(
      'include: [sub/compose.yaml]\nservices: {a: {image: x, depends_on: [b]}}',
      { env: { A: 'env' } },
      files,
    )
    expect(services.b?.image).toBe('env-sub')
    expect(services.b?.volumes?.[0]?.source).toMatch(/\/sub\/d$/)
    expect(Object.keys(networks)).toEqual(['n', 'default'])
  })
  test('refuses two definitions of one thing, unless they are the same; other files may change it', async () => {
    const files = { 'i.yaml': 'services: {a: {image: x}}' }
    await expect(load('include: [i.yaml]\nservices: {a: {image: y}}', {}, files)).rejects.toEqual(
      invalid('conflicts with imported resource'),
    )
    const { services } = await load('include: [i.yaml]', { overrides: { services: { a: { image: 'y' } } } }, files)
    expect(services.a?.image).toBe('y')
  })
  test('names cycles', async () => {
    const files = { 'i.yaml': 'include: [j.yaml]', 'j.yaml': 'include: [compose.yaml]' }
    await expect(load('include: [i.yaml]', {}, files)).rejects.toEqual(
      invalid(/include cycle detected:\n.*compose.yaml\n.*i.yaml\n.*j.yaml\n.*compose.yaml/),
    )
  })
})

test.each([
  ['file', 1, {}],
  ['file', ['a', 1], {}],
  ['profiles', 'x', { profiles: 'p' }],
  ['env', 'x', { env: { A: 1 } }],
  ['unknown', 'x', { unknown: 1 }],
  ['projectDirectory', 'x', { projectDirectory: '' }],
  ['signal', 'x', { signal: {} }],
  ['consistency', 'x', { consistency: false }],
  ['overrides', 'x', { overrides: 3 }],
  ['overrides[0].services', 'x', { overrides: [{ services: () => 1 }] }],
])('the option %s is refused when it is malformed', async (option, file, options) => {
  await expect(
    load('services: {a: {image: x}}', options as never).then(() => Project.load(file as never, options as never)),
  ).rejects.toEqual(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', option }))
})
