// SPDX-License-Identifier: Apache-2.0
// The privilege matrix on this machine; `npm run test:matrix` has the virtual machines too.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'vitest'
import { testNeeding } from '../../support/needs.js'
import { slow } from '../../support/slow.js'

const script = join(import.meta.dirname, '../../matrix/run.mjs')

interface Cell {
  readonly who: string
  readonly cgroups: string
  readonly ok: boolean
  readonly true: string
  readonly memory: string
  readonly user: string
}

testNeeding('root')(
  'true runs for root, with subordinate ids and with one, with and without cgroups',
  async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [script, '--cells'])
    const cells = JSON.parse(stdout) as readonly Cell[]
    expect(cells).toHaveLength(9)
    for (const cell of cells) {
      const { who, cgroups } = cell
      expect(cell, `${who}, ${cgroups}`).toMatchObject({ ok: true, true: expect.stringMatching(/^0 in \d+ ms$/) })
      expect(cell.memory).toMatch(
        cgroups.startsWith('none') ? /^ERR_LIMIT_UNSUPPORTED/ : /^(held|ERR_LIMIT_UNSUPPORTED)/,
      )
      expect(cell.user).toMatch(who === 'one id' ? /^ERR_USER_UNMAPPED/ : /^1000$/)
    }
  },
  120_000 * slow,
)
