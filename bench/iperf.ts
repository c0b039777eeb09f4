// SPDX-License-Identifier: Apache-2.0
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import type { UndoStack } from '../src/util/undo-stack.js'

/** What each measurement sends. */
export const mebibytes = 512

/** Where an iperf3 that only serves listens. */
export const iperfPort = 5201
export const iperfServer: readonly string[] = ['iperf3', '--server', '--forceflush']

/** A client that sends that much there. */
export const iperfClient = (address: string, port = iperfPort): readonly string[] => [
  ...['iperf3', '--client', address, '--port', String(port)],
  ...['--bytes', `${mebibytes}M`, '--json'],
]

/** How many milliseconds the sending took, as the receiver saw it. */
export function iperfMilliseconds(json: string): number {
  const { end, error } = JSON.parse(json)
  if (error !== undefined) throw new Error(`iperf3: ${error}`)
  return end.sum_received.seconds * 1000
}

/** Runs such a client here. */
export async function runIperf(argv: readonly string[]): Promise<number> {
  const [program = '', ...args] = argv
  const { stdout } = await promisify(execFile)(program, args, { maxBuffer: 1 << 24 })
  return iperfMilliseconds(stdout)
}

/** Starts a server as a process of this host; resolves when it listens. */
export async function startServer(argv: readonly string[], undo: UndoStack): Promise<void> {
  const [program = '', ...args] = argv
  const server = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  undo.push(program, async () => void (server.kill('SIGKILL') && (await once(server, 'exit'))))
  await once(server.stdout, 'data')
  server.stdout.resume()
}
