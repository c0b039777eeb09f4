// SPDX-License-Identifier: Apache-2.0
import { lstat, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { EngineError } from '../errors/engine-error.js'
import { nativeError } from '../errors/native-failure.js'
import { quoted } from '../errors/printable.js'
import { onAbort } from '../util/abort.js'
import { delay } from '../util/delay.js'
import { Connection, type ConnectionOptions } from './connection.js'
import type { HelloResult } from './messages.js'
import { startSupervisor } from './start-supervisor.js'

export interface SupervisorOptions extends ConnectionOptions {
  /** The engine's data: an absolute path. */
  readonly root: string
  /** Sockets and locks: an absolute path of a directory that is, or becomes, private to this user. */
  readonly runRoot: string
  /** Whether events are wanted, and from which cursor on. */
  readonly events?: { readonly since?: string | undefined } | undefined
  readonly signal?: AbortSignal | undefined
}

/** A connection on which `hello` was answered. */
export interface Greeted {
  readonly connection: Connection
  readonly hello: HelloResult
}

const patienceMs = 10_000

/**
 * Connects to the supervisor of that run directory, and starts it where there is none.
 * Rejects with ERR_TIMEOUT after ten seconds, with what the supervisor said against starting, or with the signal's reason.
 */
export async function openSupervisor(options: SupervisorOptions): Promise<Greeted> {
  const socket = join(options.runRoot, 'v1', 'supervisor.sock')
  const deadline = performance.now() + patienceMs
  for (let attempt = 0; performance.now() < deadline; attempt++) {
    options.signal?.throwIfAborted()
    const greeted = await greet(socket, options, deadline)
    if (typeof greeted === 'object') return greeted
    // The last of its predecessor, or another process's start, may be under way: then it says busy, and is there in a moment.
    const started = greeted === 'absent' && (await start(options))
    if (!started) await delay(Math.min(2 ** attempt, 50), options.signal)
  }
  throw new EngineError({ code: 'ERR_TIMEOUT', message: 'the supervisor did not answer in time', object: socket })
}

/** Connects to the monitor of a detached container (`monitor`'s answer, or `list`'s). */
export async function openMonitor(
  socket: string,
  options: Omit<SupervisorOptions, 'root' | 'runRoot'> = {},
): Promise<Greeted> {
  options.signal?.throwIfAborted()
  const greeted = await greet(socket, options, performance.now() + patienceMs)
  if (typeof greeted === 'object') return greeted
  throw new EngineError({
    code: 'ERR_SUPERVISOR_LOST',
    message: 'the monitor of the container is gone',
    object: socket,
  })
}

type GreetOptions = Pick<SupervisorOptions, 'events' | 'signal' | 'onEvent' | 'onLost'>

async function greet(socket: string, options: GreetOptions, deadline: number): Promise<Greeted | 'absent' | 'busy'> {
  let greeted = false
  let connection: Connection | undefined
  try {
    connection = new Connection(socket, {
      onEvent: options.onEvent,
      onLost: (error) => greeted && options.onLost?.(error),
    })
    const hello = await sayHello(connection, options, deadline)
    greeted = true
    return { connection, hello }
  } catch (error) {
    connection?.close()
    options.signal?.throwIfAborted()
    if (!EngineError.is(error)) throw error
    if (error.errno === 'EAGAIN') return 'busy'
    // It may also have left between our connect and the end of our hello: the next one is ours to start.
    if (error.code === 'ERR_SUPERVISOR_LOST' || error.errno === 'ENOENT') return 'absent'
    throw error
  }
}

async function sayHello(connection: Connection, options: GreetOptions, deadline: number): Promise<HelloResult> {
  const ended = new AbortController()
  const slow = () =>
    ended.abort(new EngineError({ code: 'ERR_TIMEOUT', message: 'the supervisor did not answer in time' }))
  const timer = setTimeout(slow, Math.max(0, deadline - performance.now()))
  const stopListening = onAbort(options.signal, (reason) => ended.abort(reason))
  const since = options.events?.since
  const args = {
    protocol: 1,
    pid: process.pid,
    events: options.events !== undefined,
    ...(since === undefined ? {} : { since }),
  } as const
  try {
    const { result } = await connection.request('hello', args, { signal: ended.signal })
    return result
  } finally {
    clearTimeout(timer)
    stopListening()
  }
}

/** True when it is up; false when another one holds the lock. */
async function start(options: SupervisorOptions): Promise<boolean> {
  await makePrivate(options.runRoot)
  const line = await startSupervisor(['--root', options.root, '--run-root', options.runRoot])
  if (line.error) throw nativeError(line.error, { doing: 'start the supervisor' })
  return line.busy !== true
}

// The sockets in it give whoever reaches them this user's containers: a directory that somebody else made is not ours.
async function makePrivate(directory: string): Promise<void> {
  const failed = (step: string) => (error: NodeJS.ErrnoException) => {
    throw nativeError({ step, errno: error.code ?? 'EIO', object: directory })
  }
  await mkdir(dirname(directory), { recursive: true }).catch(failed('create run directory'))
  await mkdir(directory, { mode: 0o700 })
    .catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
    .catch(failed('create run directory'))
  const found = await lstat(directory).catch(failed('use run directory'))
  if (!found.isDirectory()) throw nativeError({ step: 'use run directory', errno: 'ENOTDIR', object: directory })
  if (found.uid !== process.geteuid?.()) throw notOurs(directory, `is of user ${found.uid}`, 'give runRoot another one')
  if (found.mode & 0o077) throw notOurs(directory, 'can be entered by others', `chmod 700 ${directory}`)
}

function notOurs(directory: string, problem: string, hint: string): EngineError {
  return new EngineError({
    code: 'ERR_PERMISSION',
    message: `the run directory ${quoted(directory)} ${problem}, who could reach the containers of this engine there`,
    step: 'use run directory',
    errno: 'EPERM',
    object: directory,
    hint,
  })
}
