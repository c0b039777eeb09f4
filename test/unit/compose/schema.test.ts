// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { checkSchema } from '../../../src/compose/schema/check-schema.js'
import { readFixture, treeOf } from './support/cases.js'

test('the compiled schema is that of compose-spec.json', () => {
  const script = fileURLToPath(new URL('../../../scripts/compose-schema.mjs', import.meta.url))
  execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' })
})

const check = (text: string) => checkSchema(treeOf(text), 'compose.yaml')

test('variables may stand wherever the specification wants anything', () => {
  check(readFixture('schema/using-variables.yaml'))
})

test.each([
  [
    'services:\n  web:\n    imag: x',
    "compose.yaml:3:5: services.web.imag: additional properties 'imag' not allowed",
    "did you mean 'image'?",
  ],
  ['services:\n  web:\n    image: [x]', 'compose.yaml:3:5: services.web.image: must be a string', undefined],
  [
    'services:\n  web:\n    environment: x',
    'compose.yaml:3:5: services.web.environment: must be a mapping or a list',
    undefined,
  ],
  ['services:\n  web: x', 'compose.yaml:2:3: services.web: must be a mapping', undefined],
  [
    'web:\n  image: x',
    "compose.yaml:1:1: web: additional properties 'web' not allowed",
    expect.stringContaining('services'),
  ],
  [
    'services:\n  web:\n    develop: {watch: [{path: a}]}',
    "services.web.develop.watch[0]: missing property 'action'",
    undefined,
  ],
  [
    'services:\n  web:\n    build:\n      contxt: .',
    "compose.yaml:4:7: services.web.build.contxt: additional properties 'contxt'",
    "did you mean 'context'?",
  ],
])('%j is refused', (text, message, hint) => {
  expect(() => check(text)).toThrow(
    expect.objectContaining({ code: 'ERR_COMPOSE_INVALID', message: expect.stringContaining(message) }),
  )
  try {
    check(text)
  } catch (error) {
    expect((error as { hint?: string }).hint).toEqual(hint)
  }
})
