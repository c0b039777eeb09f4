// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process'
import { chown } from 'node:fs/promises'

/** Who does what is walked. Whoever walks, and looks at what is left, is root. */
export interface Walker {
  readonly name: string
  /** Whether it is not root: then there are no cgroups for it, so no limits. */
  readonly isOrdinary: boolean
  /** A command that runs the rest of its arguments as that user. */
  readonly prefix: readonly string[]
  /** Makes these files its own. */
  own(...paths: readonly string[]): Promise<void>
}

const root: Walker = { name: 'root', isOrdinary: false, prefix: [], own: async () => {} }

/** The user of that name. */
export const walkerNamed = (name: string): Walker => {
  if (name === root.name) return root
  const idOf = (which: '-u' | '-g') => Number(execFileSync('id', [which, name], { encoding: 'utf8' }))
  const [user, group] = [idOf('-u'), idOf('-g')]
  const identity = [`--reuid=${user}`, `--regid=${group}`, '--init-groups', '--inh-caps=-all']
  const own = async (...paths: readonly string[]) => {
    for (const path of paths) await chown(path, user, group)
  }
  return { name, isOrdinary: true, prefix: ['env', `USER=${name}`, 'HOME=/nonexistent', 'setpriv', ...identity], own }
}
