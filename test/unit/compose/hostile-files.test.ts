// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process'
import { symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Project } from 'tscontainer/compose'
import { expect, test } from 'vitest'
import { slow } from '../../support/slow.js'
import { plain } from './support/cases.js'
import { load, projectWith } from './support/load.js'

const invalid = (message: string | RegExp) =>
  expect.objectContaining({ code: 'ERR_COMPOSE_INVALID', message: expect.stringMatching(message) })

// The virtual machine of the tests runs JavaScript many times slower.

/** How long it took, in milliseconds. */
const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now()
  await work().catch(() => undefined)
  return performance.now() - start
}

test.each([
  [
    'a billion laughs',
    `x: &a [1,1,1,1,1,1,1,1,1]\n${'bcdefghij'.replace(/./g, (letter, at) => `x-${letter}: &${letter} [${`*${'abcdefghij'[at]},`.repeat(9)}]\n`)}`,
    'excessive aliasing',
  ],
  [
    'merge keys of merge keys',
    `x-a: &a {k: v}\n${'bcdefghijklmnopqrstuvwxyz'.replace(/./g, (letter, at) => `x-${letter}: &${letter} {<<: [${`*${'abcdefghijklmnopqrstuvwxy'[at]},`.repeat(9)}]}\n`)}`,
    'excessive aliasing|nested',
  ],
  ['an anchor in itself', 'x-a: &a\n  b: *a\nservices: {a: {image: x}}', 'contains itself'],
  ['an alias of nothing', 'x-a: *b', 'b'],
  ['brackets without end', '['.repeat(100_000), 'brackets'],
  ['sequences in sequences', `x-a:\n${'- '.repeat(100_000)}a`, 'nested|parsed'],
  ['explicit keys in keys', `x-a:\n${'? '.repeat(50_000)}a`, 'nested|parsed'],
  [
    'indents without end',
    Array.from({ length: 1000 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join(''),
    'nested|parsed',
  ],
  ['a million values', `x-a: [${'1,'.repeat(900_000)}1]`, 'too many values'],
  ['a key twice', 'services: {a: {image: x, image: y}}', 'compose.yaml:1:26: services.a.image: is given twice'],
  ['no YAML at all', 'services: [}', /compose.yaml:1:/],
  ['not text', Buffer.from([0xff, 0xfe, 0x00]).toString('latin1'), /./],
])('%s is refused, with a place and in time', async (_, text, message) => {
  let loading: Promise<unknown> = Promise.resolve()
  const elapsed = await timed(() => {
    loading = load(text)
    return loading
  })
  await expect(loading).rejects.toEqual(invalid(message as string))
  expect(elapsed).toBeLessThan(4000 * slow)
})

test('fifty thousand keys take no quadratic time', async () => {
  const text = `x-a:\n${Array.from({ length: 50_000 }, (_, index) => `  k${index}: 1\n`).join('')}services: {a: {image: x}}`
  expect(await timed(() => load(text))).toBeLessThan(4000 * slow)
})

test('bytes that are no UTF-8 are refused', async () => {
  const directory = projectWith({})
  writeFileSync(join(directory, 'compose.yaml'), Buffer.from([0x61, 0x3a, 0x20, 0xff]))
  await expect(Project.load(directory, { env: {} })).rejects.toEqual(invalid('is not UTF-8'))
})

test('a file of 100 MB is not read', async () => {
  const directory = projectWith({ 'compose.yaml': 'services: {a: {image: x, env_file: big}}', big: '' })
  truncateSync(join(directory, 'big'), 100 * 1024 * 1024)
  await expect(Project.load(directory, { env: {} })).rejects.toEqual(invalid(/big: is longer than/))
  await expect(Project.load(join(directory, 'big'), { env: {} })).rejects.toEqual(invalid(/big: is longer than/))
})

test.each([
  ['include: [/dev/zero]', 'zero: is not a regular file'],
  ['include: [fifo]', 'fifo: is not a regular file'],
  ['include: [{path: a.yaml, env_file: fifo}]', 'fifo: is not a regular file'],
  ['services: {a: {image: x, env_file: fifo}}', 'fifo: is not a regular file'],
  ['services: {a: {extends: {file: fifo, service: b}}}', 'fifo: is not a regular file'],
  ['services: {a: {image: x, label_file: /dev/zero}}', 'zero: is not a regular file'],
  ['include: [.]', 'is not a regular file'],
  ['include: [link.yaml]', 'zero|link.yaml: is not a regular file'],
  ['include: [loop.yaml]', 'ELOOP'],
  ['include: [missing.yaml]', 'missing.yaml: cannot be read .ENOENT'],
])('%s neither waits nor fills the memory', async (text, message) => {
  const directory = projectWith({ 'compose.yaml': text, 'a.yaml': 'services: {b: {image: x}}' })
  execFileSync('mkfifo', [join(directory, 'fifo')])
  symlinkSync('/dev/zero', join(directory, 'link.yaml'))
  symlinkSync('loop.yaml', join(directory, 'loop.yaml'))
  await expect(Project.load(directory, { env: {} })).rejects.toEqual(invalid(message))
})

test('a compose file may be a symbolic link; its relative paths stay where the link is', async () => {
  const directory = projectWith({ 'real/file.yaml': 'services: {a: {image: x, volumes: ["./data:/data"]}}' })
  symlinkSync('real/file.yaml', join(directory, 'compose.yaml'))
  const { services } = await Project.load(directory, { env: {} })
  expect(services.a?.volumes?.[0]?.source).toBe(join(directory, 'data'))
})

test('keys that objects have of their own are keys like any other', async () => {
  const text = `
services:
  a:
    image: x
    environment: {__proto__: polluted, constructor: c, toString: t, hasOwnProperty: h, valueOf: v}
    labels: [__proto__=polluted]
    ulimits: {constructor: 1}
    volumes: [{type: volume, source: constructor, target: /a}]
  constructor: {image: y}
volumes: {constructor: }
x-__proto__: 1
`
  const { services } = await load(text)
  expect(Object.entries(services.a?.environment ?? {})).toEqual(
    expect.arrayContaining([
      ['__proto__', 'polluted'],
      ['toString', 't'],
    ]),
  )
  expect(Object.entries(services.a?.labels ?? {})).toEqual([['__proto__', 'polluted']])
  expect(Object.keys(services)).toEqual(['a', 'constructor'])
  expect(({} as { polluted?: string }).polluted).toBe(undefined)
  for (const over of ['{"__proto__": {"polluted": 1}}', '{"services": {"a": {"__proto__": {"polluted": 1}}}}']) {
    await load('services: {a: {image: x}}', { overrides: JSON.parse(over) }).catch(() => undefined)
    expect(({} as { polluted?: number }).polluted).toBe(undefined)
  }
})

test('names that only objects have are undefined, not there', async () => {
  await expect(load('services: {a: {image: x, volumes: ["constructor:/a"]}}')).rejects.toEqual(
    invalid('undefined volume constructor'),
  )
  await expect(load('services: {a: {image: x, depends_on: [toString]}}')).rejects.toEqual(
    invalid('undefined service "toString"'),
  )
  await expect(load('services: {a: {extends: {service: valueOf}}}')).rejects.toEqual(
    invalid("service 'valueOf' not found"),
  )
})

test('newlines in values of the environment make no lines of a file', async () => {
  const env = { EVIL: 'x\n    privileged: true\n    image: evil', QUOTE: '"}: ]' }
  const { services } = await load(`services: {a: {image: x, environment: {A: "\${EVIL}", B: $QUOTE}}}`, { env })
  expect(plain(services)).toMatchObject({ a: { image: 'x', environment: { A: env.EVIL, B: env.QUOTE } } })
  expect(services.a).not.toHaveProperty('privileged')
})

test('what config() prints is the same project, whatever values there are', async () => {
  const values = [
    '$HOME',
    `\${A}`,
    '$$',
    'yes',
    'no',
    '0123',
    '1e3',
    '~',
    'null',
    ' a ',
    'a: b',
    '# c',
    "it's",
    '"q"',
    'l1\nl2\n',
    '',
    '- x',
    '*a',
    '&a',
    '!x',
  ]
  const environment = Object.fromEntries(values.map((value, index) => [`V${index}`, value]))
  const project = await load('services: {a: {image: x}}', {
    overrides: { services: { a: { environment: doubled(environment) } } },
  })
  expect(plain(project.services.a?.environment)).toEqual(environment)
  const again = await load(project.config())
  expect(plain(again.services.a?.environment)).toEqual(environment)
})

const doubled = (values: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, value.replaceAll('$', '$$$$')]))

test('an aborted signal stops the loading with its reason', async () => {
  const reason = new Error('enough')
  await expect(load('services: {a: {image: x}}', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
})
