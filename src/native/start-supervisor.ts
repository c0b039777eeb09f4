// SPDX-License-Identifier: Apache-2.0
import { EngineError } from '../errors/engine-error.js'
import type { NativeFailure } from '../errors/native-failure.js'
import { addon, supervisorExecutable } from './addon.js'
import { asEngineError } from './native-call.js'

/** What the supervisor writes when it is up, or instead. */
export interface ReadyLine {
  readonly ready?: true
  readonly busy?: true
  readonly error?: NativeFailure
}

// TSCONTAINER_SNAPSHOTTER=copy, for tests and diagnosis: no overlay is mounted even where the kernel would.
const own = ['TSCONTAINER_DEBUG', 'TSCONTAINER_SNAPSHOTTER']
const passedOn = ['XDG_RUNTIME_DIR', 'XDG_DATA_HOME', 'HOME', 'DBUS_SESSION_BUS_ADDRESS', ...own]
const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
// An emulated machine that was also short of processors has taken more than ten seconds.
const timeoutMs = 30_000

/** Starts the executable with these arguments and reads its ready line. */
export async function startSupervisor(args: readonly string[]): Promise<ReadyLine> {
  return (await run(args)) as ReadyLine
}

/** What the supervisor finds out about this host (`--probe`); nothing is set up. */
export function probeSupervisor(args: readonly string[] = []): Promise<unknown> {
  return run(['--probe', ...args])
}

// Only these variables go along: nothing of a user's or an image's environment reaches a helper (CVE-2025-23266).
function environment(): string[] {
  return [
    path,
    ...passedOn.flatMap((name) => (process.env[name] === undefined ? [] : [`${name}=${process.env[name]}`])),
  ]
}

async function run(args: readonly string[]): Promise<unknown> {
  const line = await addon()
    .spawnSupervisor({
      executable: supervisorExecutable(),
      arguments: [...args, '--ready-fd', '3'],
      environment: environment(),
      keepStderr: process.env.TSCONTAINER_DEBUG !== undefined,
      timeoutMs,
    })
    .catch((error: unknown) => {
      throw asEngineError(error, { doing: 'start the supervisor' })
    })
  try {
    return JSON.parse(line)
  } catch (cause) {
    throw new EngineError({
      code: 'ERR_NATIVE',
      message: 'the supervisor started with a line that is no JSON',
      object: line,
      cause,
    })
  }
}
