// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { hostReport } from '../../../src/api/host-report.js'
import type { ProbeMessage } from '../../../src/api/probe-message.js'
import type { HostReport } from '../../../src/errors/host-report.js'
import { supervisorExecutable } from '../../../src/native/addon.js'
import { scratchBase } from '../../support/test-engine.js'

/** How a process comes into a world of its own: a command that runs the rest of its arguments. */
export type Enter = readonly string[]

/** Namespaces of its own (`unshare` options), a shell script as root of them, then the rest. */
export const inside = (options: readonly string[], script: string): Enter => [
  'unshare',
  ...options,
  'sh',
  '-ec',
  `${script}\nexec "$@"`,
  'sh',
]

/** The user of the tests that has subordinate ids (as root) or the caller, an ordinary user. */
export const ordinary = (): Enter => {
  if (process.getuid?.() !== 0) return []
  const { uid, gid } = lookUp('tsctest')
  return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--init-groups']
}

const lookUp = (name: string): { readonly uid: string; readonly gid: string } => {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`))
  const [, , uid, gid] = line?.split(':') ?? []
  if (uid === undefined || gid === undefined) throw new Error(`there is no user ${name}: npm test makes it`)
  return { uid, gid }
}

/** Everybody may write there: what a probe needs of an engine's root. */
export const probeRoot = (): string =>
  process.getuid?.() === 0 ? '/var/tmp/tsc-probe' : `${scratchBase()}/tsc-probe-${process.getuid?.()}`

/** What the supervisor finds there, and the report that comes of it. */
export const probeIn = async (enter: Enter, root = probeRoot()): Promise<HostReport> => {
  const [command = '', ...args] = [...enter, supervisorExecutable(), '--probe', '--root', root, '--ready-fd', '3']
  const child = spawn(command, args, { cwd: '/', stdio: ['ignore', 'ignore', 'pipe', 'pipe'] })
  const texts = ['', '']
  for (const [index, stream] of [child.stderr, child.stdio[3]].entries()) {
    stream?.on('data', (chunk: Buffer) => {
      texts[index] += chunk.toString()
    })
  }
  const status = await new Promise((resolve) => child.once('close', resolve))
  const [errors, line = ''] = texts
  if (status !== 0 || line === '') throw new Error(`${command} ended with ${status}: ${errors}`)
  return hostReport(JSON.parse(line) as ProbeMessage, 'v2')
}

/** What the report says about one feature. */
export const lackOf = (report: HostReport, feature: RegExp) => report.lacks.find((lack) => feature.test(lack.feature))
