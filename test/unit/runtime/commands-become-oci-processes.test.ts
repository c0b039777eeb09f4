// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest'
import { execProcess, withExecDefaults } from '../../../src/runtime/exec-process.js'
import { plan } from './plan-input.js'

const { exec: template } = plan({ env: { A: '1' }, workdir: '/w', user: 'app', ulimits: { nofile: 9 } })

test('a command is the container’s process with another program', () => {
  const process = execProcess(template, ['ls'], {})
  expect(process).toEqual({
    ...plan({ env: { A: '1' }, workdir: '/w', user: 'app', ulimits: { nofile: 9 } }).spec.process,
    args: ['ls'],
  })
})

test('and what is said for it alone', () => {
  const process = execProcess(template, ['ls'], {
    env: { A: '2' },
    cwd: '/',
    user: 0,
    rlimits: { nofile: 5 },
    tty: { columns: 9, rows: 8 },
  })
  expect(process).toMatchObject({
    cwd: '/',
    user: { username: '0' },
    rlimits: [{ type: 'RLIMIT_NOFILE', soft: 5, hard: 5 }],
    terminal: true,
    consoleSize: { width: 9, height: 8 },
  })
  expect(process.env).toEqual(expect.arrayContaining(['A=2', 'TERM=xterm']))
  expect(process.capabilities?.effective).toHaveLength(11)
})

test('defaults of the container hold where the command says nothing', () => {
  const defaults = { env: { A: '1', B: '1' }, cwd: '/d', check: false }
  expect(withExecDefaults({ env: { B: '2' }, cwd: undefined, timeoutMs: 5 }, defaults)).toEqual({
    env: { A: '1', B: '2' },
    cwd: '/d',
    check: false,
    timeoutMs: 5,
  })
})
