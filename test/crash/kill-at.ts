// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** Which system call of which process it is to be, and who dies then. See kill_at.cc. */
export interface Moment {
  /** '-' for the process itself, '0' for its first child from now on, '0.1' for that one's second. */
  readonly path: string
  /** Which call, from 1; 0 only counts. */
  readonly call: number
  /** Another process, to die while the counted one stands at that call. */
  readonly victim?: number | undefined
}

export type Outcome =
  | { readonly killed: true; readonly call: string }
  | { readonly killed: false; readonly counted: number }

/** One process under watch. */
export interface Watch {
  /** Ends the watch, if it has not ended by itself. */
  end(): Promise<Outcome>
}

const source = fileURLToPath(new URL('kill_at.cc', import.meta.url))

/** Compiles the tool; resolves with its path. */
export const buildKillAt = async (directory: string): Promise<string> => {
  const tool = join(directory, 'kill_at')
  await promisify(execFile)('g++', ['-std=gnu++20', '-O1', source, '-o', tool])
  return tool
}

/** Watches a process that runs. Resolves when it is under watch. */
export const watchProcess = (tool: string, pid: number, moment: Moment): Promise<Watch> =>
  watch(spawn(tool, [String(pid), ...momentArguments(moment)], { stdio: ['pipe', 'pipe', 'inherit'] }))

/** Starts a command, with a descriptor 3 that it may write to, and watches it. */
export const watchCommand = (tool: string, command: readonly string[], moment: Moment): Promise<Watch> =>
  watch(
    spawn(tool, ['--run', ...momentArguments(moment), ...command], {
      stdio: ['pipe', 'pipe', 'inherit', openSync('/dev/null', 'w')],
    }),
  )

const momentArguments = ({ path, call, victim = 0 }: Moment): readonly string[] => [path, String(call), String(victim)]

const watch = async (child: ChildProcess): Promise<Watch> => {
  if (!child.stdout || !child.stdin) throw new Error('kill_at has no streams')
  const { stdin } = child
  stdin.on('error', () => {})
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const closed = once(child, 'close')
  const first = await lines.next()
  if (first.value !== 'ready') throw new Error(`kill_at says ${first.value}`)
  const last = lines.next()
  return {
    end: async () => {
      stdin.end()
      const { value = '' } = await last
      await closed
      const [word, number] = String(value).split(' ')
      if (word === 'killed') return { killed: true, call: callName(Number(number)) }
      if (word === 'counted') return { killed: false, counted: Number(number) }
      throw new Error(`kill_at says ${value}`)
    },
  }
}

let names: ReadonlyMap<number, string> | undefined

const callName = (number: number): string => {
  names ??= readNames()
  return names.get(number) ?? `call ${number}`
}

const readNames = (): ReadonlyMap<number, string> => {
  const files = ['/usr/include/x86_64-linux-gnu/asm/unistd_64.h', '/usr/include/asm-generic/unistd.h']
  for (const file of files) {
    try {
      const found = readFileSync(file, 'utf8').matchAll(/^#define __NR_(\w+) (\d+)$/gm)
      return new Map([...found].map(([, name, number]) => [Number(number), name ?? '']))
    } catch {}
  }
  return new Map()
}
