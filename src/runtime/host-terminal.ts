// SPDX-License-Identifier: Apache-2.0
import type { Writable } from 'node:stream'
import type { WriteStream } from 'node:tty'
import { invalidArgument } from '../errors/invalid-argument.js'
import type { Connection } from '../native/connection.js'
import { keepTerminal } from '../native/keep-terminal.js'
import type { TerminalSize } from './container-option-parts.js'
import { DetachKeyFilter, defaultDetachKeys, parseDetachKeys } from './detach-keys.js'

/** What the terminal of this process is bridged to. */
export interface TerminalBridge {
  /** Gets what is typed. */
  readonly sink: Writable
  /** Whoever serves this connection gives the terminal back if this process is killed. */
  readonly connection: Connection
  /** Docker's by default; empty: none. */
  readonly detachKeys?: string | undefined
  /** Called with the size when it changes. */
  readonly onResize?: ((size: TerminalSize) => void) | undefined
  /** The keys were typed; the terminal is released already. */
  readonly onDetach: () => void
}

let taken = false

/** Refuses where this process has no terminal to read from, or another command reads from it. */
export function requireHostTerminal(): void {
  if (!process.stdin.isTTY)
    throw invalidArgument('stdin', 'the input of this process is no terminal', 'give a stream, or leave out tty')
  if (taken) throw invalidArgument('stdin', 'the terminal of this process belongs to another command already')
}

/** The size of this process's terminal; undefined where it writes to none. */
export function hostTerminalSize(): TerminalSize | undefined {
  const screen = hostScreen()
  return screen && screen.columns > 0 && screen.rows > 0 ? { columns: screen.columns, rows: screen.rows } : undefined
}

/**
 * Takes over the terminal of this process: raw, so that every key, Ctrl-C too, goes to the other side. The returned function gives it
 * back as it was, and may be called more than once. Node itself does so when the process ends in order, the supervisor when it is killed.
 */
export function bridgeHostTerminal({ sink, connection, detachKeys, onResize, onDetach }: TerminalBridge): () => void {
  requireHostTerminal()
  taken = true
  const { stdin } = process
  const screen = hostScreen()
  const wasRaw = stdin.isRaw
  const keys = new DetachKeyFilter(parseDetachKeys(detachKeys ?? defaultDetachKeys))
  const onData = (chunk: Buffer | string) => {
    const { through, detached } = keys.take(Buffer.from(chunk))
    if (through.length > 0 && !sink.write(through)) stdin.pause()
    if (!detached) return
    release()
    onDetach()
  }
  const onDrain = () => void stdin.resume()
  const onSize = () => {
    const size = hostTerminalSize()
    if (size) onResize?.(size)
  }
  const release = () => {
    if (!taken || released) return
    released = true
    taken = false
    stdin.off('data', onData)
    sink.off('drain', onDrain)
    screen?.off('resize', onSize)
    stdin.pause()
    // A terminal that has hung up cannot be set any more, and need not be.
    if (!stdin.destroyed) stdin.setRawMode(wasRaw)
    drop()
  }
  let released = false
  const drop = keepTerminal(connection, stdin.fd)
  stdin.setRawMode(true)
  stdin.on('data', onData)
  stdin.resume()
  sink.on('drain', onDrain)
  screen?.on('resize', onSize)
  return release
}

function hostScreen(): WriteStream | undefined {
  return [process.stdout, process.stderr].find((stream) => stream.isTTY)
}
