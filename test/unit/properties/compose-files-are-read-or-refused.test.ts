// SPDX-License-Identifier: Apache-2.0
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the syntax that is tested.
import fc from 'fast-check'
import { expect } from 'vitest'
import { stringify } from 'yaml'
import { composeBytes } from '../../../src/compose/canonical/compose-bytes.js'
import { durationNs, durationText } from '../../../src/compose/canonical/compose-duration.js'
import { shellWords } from '../../../src/compose/canonical/shell-words.js'
import { parseYaml } from '../../../src/compose/document/parse-yaml.js'
import { interpolate, TemplateError } from '../../../src/compose/environment/interpolate.js'
import { DotenvError, parseDotenv } from '../../../src/compose/environment/parse-dotenv.js'
import { parseRawEnv } from '../../../src/compose/environment/parse-raw-env.js'
import { treeOfValue } from '../../../src/compose/load/tree-of-value.js'
import { EngineError } from '../../../src/errors/engine-error.js'
import { holds } from '../../support/cases.js'
import { unlessRefused } from '../../support/refusals.js'
import { load } from '../compose/support/load.js'
import { jsonLike, textOf } from './arbitraries.js'

const values: Readonly<Record<string, string>> = { A: 'one', B: '', C: '$A ${B}' }
const lookup = (name: string) => (Object.hasOwn(values, name) ? values[name] : undefined)
const templates = textOf(['$', '$$', '${', '}', 'A', 'B', 'C', 'NONE', ':-', '-', ':?', '?', ':+', '+', '{', ' ', 'x'])

const unlessThrown = <T>(kinds: readonly (new (...args: never[]) => Error)[], work: () => T): T | undefined => {
  try {
    return work()
  } catch (error) {
    if (kinds.some((kind) => error instanceof kind)) return undefined
    throw error
  }
}

holds(
  'a template is filled in within its budget or refused',
  fc.property(templates, (template) => {
    const budget = { left: 1000 }
    const text = unlessThrown([TemplateError], () => interpolate(template, { lookup, budget }))
    if (text !== undefined && !template.includes('$')) expect(text).toBe(template)
  }),
  1000,
)

holds(
  'a dollar that is doubled is a dollar, whatever stands around it',
  fc.property(fc.string(), (text) => {
    expect(interpolate(text.replaceAll('$', '$$$$'), { lookup })).toBe(text)
  }),
)

holds(
  'an env file of any text is variables or refused with its line',
  fc.property(
    textOf(
      ['A', '=', '\n', '"', "'", '\\', '\\n', '$A', '${B:-x}', '#', ' #', 'export ', ':', '\r', '\ufeff', ' '],
      16,
    ),
    (text) => {
      const read = unlessThrown([DotenvError, TemplateError], () => parseDotenv(text, { lookup }))
      for (const key of read?.keys() ?? []) expect(key).not.toMatch(/\s/)
      expect(parseRawEnv(text, lookup)).toBeInstanceOf(Map)
    },
  ),
  500,
)

holds(
  'a value in single quotes is read as it was',
  fc.property(
    fc.string({ unit: 'grapheme' }).filter((text) => !/['\\\r]/.test(text)),
    (value) => {
      expect(parseDotenv(`A='${value}'\nB=1`, { lookup: () => undefined })).toEqual(
        new Map([
          ['A', value],
          ['B', '1'],
        ]),
      )
    },
  ),
)

holds(
  'words in single quotes are the words of a command',
  fc.property(fc.array(fc.string({ maxLength: 6 }), { maxLength: 4 }), (words) => {
    expect(shellWords(words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' '))).toEqual(words)
  }),
)

const read = (text: string) =>
  unlessRefused(['ERR_COMPOSE_INVALID'], () =>
    parseYaml({ text, file: 'compose.yaml', warnings: () => undefined } as never),
  )

holds(
  'any text is documents or refused',
  fc.property(
    textOf(
      [
        'a',
        ': ',
        '- ',
        '\n',
        '  ',
        '&x ',
        '*x',
        '<<: ',
        '? ',
        '| ',
        '> ',
        '"',
        "'",
        '{',
        '}',
        '[',
        ']',
        ',',
        '---\n',
        '!!map ',
        '!reset ',
        '%YAML 1.1\n',
        '#',
        '__proto__',
        '1',
        'null',
        '\t',
      ],
      16,
    ),
    (text) => {
      read(text)
    },
  ),
  500,
)

// Numbers as texts: what no double holds exactly is read as one.
const plain = (value: unknown) =>
  JSON.parse(JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'number' ? String(inner) : inner)))

holds(
  'what YAML writers write of a value is read as that value',
  fc.property(jsonLike({ services: { web: { image: 'x', ports: ['80:80'], environment: { A: 'b' } } } }), (value) => {
    const [document] = read(stringify(value, { version: '1.2' })) ?? []
    if (document !== undefined) expect(plain(document.tree)).toEqual(plain(value))
  }),
)

const service = {
  image: 'x',
  build: { context: '.', args: { A: 'b' } },
  command: 'a b',
  ports: ['80:80', { target: 1 }],
  environment: ['A=b'],
  volumes: ['./a:/b:ro', { type: 'tmpfs', target: '/t' }],
  depends_on: { db: { condition: 'service_healthy' } },
  healthcheck: { test: 'x', interval: '5s' },
  deploy: { restart_policy: { condition: 'any' }, resources: { limits: { memory: '1g' } } },
  networks: { default: { aliases: ['a'] } },
  ulimits: { nofile: 5 },
  labels: { a: 'b' },
}
const project = {
  name: 'p',
  services: { web: service, db: { image: 'y' } },
  networks: { default: {} },
  volumes: { data: {} },
  secrets: { s: { environment: 'A' } },
}

holds(
  'a project of any shape is a project or refused, and changes no prototype',
  fc.asyncProperty(jsonLike(project), async (value) => {
    await load(stringify(value)).catch((error) => {
      if (!EngineError.is(error)) throw error
    })
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    expect(Object.keys(Object.prototype)).toEqual([])
  }),
  60,
)

holds(
  'values of a program are copied as they are',
  fc.property(fc.jsonValue(), (value) => {
    expect(JSON.parse(JSON.stringify(treeOfValue(value, 'files')))).toEqual(JSON.parse(JSON.stringify(value)))
  }),
)

holds(
  'a duration is the same one after it was written, and sizes are numbers',
  fc.property(
    textOf(['1', '2.5', 'h', 'm', 's', 'ms', 'us', 'ns', 'd', '-', ' ', 'k', 'g', 'kb', 'GiB', '.'], 6),
    (text) => {
      const ns = unlessThrown([Error], () => durationNs(text))
      if (ns !== undefined) expect(durationNs(durationText(ns))).toBe(ns)
      const bytes = unlessThrown([Error], () => composeBytes(text))
      if (bytes !== undefined) expect(Number.isSafeInteger(bytes)).toBe(true)
    },
  ),
  500,
)
