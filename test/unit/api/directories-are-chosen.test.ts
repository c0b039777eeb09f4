// SPDX-License-Identifier: Apache-2.0
import { homedir } from 'node:os'
import { expect, test } from 'vitest'
import { engineDirectories } from '../../../src/api/engine-options.js'

const at = (options: { root?: string; runRoot?: string }, env: NodeJS.ProcessEnv, uid = 1000) =>
  engineDirectories(options, { env, uid })

test('for root', () => {
  expect(at({}, {}, 0)).toEqual({ root: '/var/lib/tscontainer', runRoot: '/run/tscontainer' })
})

test('for others', () => {
  const home = `${homedir()}/.local/share/tscontainer`
  expect(at({}, {})).toEqual({ root: home, runRoot: '/tmp/tscontainer-1000' })
  const env = { XDG_DATA_HOME: '/data', XDG_RUNTIME_DIR: '/run/user/1000' }
  expect(at({}, env)).toEqual({ root: '/data/tscontainer', runRoot: '/run/user/1000/tscontainer' })
})

test('another root has a run directory of its own, always the same', () => {
  const first = at({ root: '/a/b/' }, {}, 0)
  expect(first.root).toBe('/a/b')
  expect(first.runRoot).toMatch(/^\/run\/tscontainer-[0-9a-f]{12}$/)
  expect(at({ root: '/a//b' }, {}, 0)).toEqual(first)
  expect(at({ root: '/a/c' }, {}, 0).runRoot).not.toBe(first.runRoot)
  expect(at({}, { TSCONTAINER_ROOT: '/a/b' }, 0)).toEqual(first)
  expect(at({ root: '/a/b', runRoot: '/r' }, {}, 0).runRoot).toBe('/r')
})
