// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import type { ErrorCode } from '../../../src/errors/error-code.js'
import { Ready } from '../../../src/runtime/ready.js'

const cases: readonly (readonly [what: string, make: () => unknown, option: string])[] = [
  ['port 0', () => Ready.port(0), 'port'],
  ['port 65536', () => Ready.port(65_536), 'port'],
  ['a port that is a text', () => Ready.port('80' as never), 'port'],
  ['a host that is a name', () => Ready.port(80, { host: 'localhost' }), 'host'],
  ['an empty text', () => Ready.log(''), 'pattern'],
  ['a count of 0', () => Ready.log('x', { count: 0 }), 'count'],
  ['a path without slash', () => Ready.http('health', { port: 80 }), 'path'],
  ['a path with a line break', () => Ready.http('/a\r\nHost: b', { port: 80 }), 'path'],
  ['no port', () => Ready.http('/', {} as never), 'port'],
  ['no options', () => Ready.http('/', undefined as never), 'port'],
  ['a status that is none', () => Ready.http('/', { port: 80, status: 42 }), 'status'],
  ['no command', () => Ready.exec([]), 'argv'],
  ['a command that is a text', () => Ready.exec('pg_isready' as never), 'argv'],
  ['a code that is none', () => Ready.exit(256), 'code'],
  ['a timeout of 0', () => Ready.port(80, { timeoutMs: 0 }), 'timeoutMs'],
  ['an unknown option', () => Ready.port(80, { timeout: 5 } as never), 'timeout'],
  ['all of nothing', () => Ready.all(), 'conditions'],
  ['any of something else', () => Ready.any(Ready.port(80), 'x' as never), 'conditions[1]'],
]
test.each(cases)('%s is refused where it is written', (_what, make, option) => {
  let error: unknown
  try {
    make()
  } catch (thrown) {
    error = thrown
  }
  expect(error).toMatchObject({ code: 'ERR_INVALID_ARGUMENT' satisfies ErrorCode, option })
})

test('they name themselves', () => {
  const all = Ready.all(
    Ready.port(5432),
    Ready.any(Ready.log(/up/gi, { count: 2 }), Ready.log('a\u001b[0m')),
    Ready.http('/h', { port: 80, tls: true }),
    Ready.exec(['pg_isready', '-q']),
    Ready.healthy(),
    Ready.exit(3),
  )
  expect(String(all)).toBe(
    "port 5432 and log /up/i 2 times or log 'a\\u001b[0m' and https /h on port 80 and exec 'pg_isready -q' and health and exit with code 3",
  )
})
