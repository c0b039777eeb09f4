// SPDX-License-Identifier: Apache-2.0
import { compileHint } from './compile-hint.js'
import { isWholeLibrary } from './is-whole-library.js'
import { nativeFiles } from './native-files.js'
import { unsupported } from './unsupported.js'

/** A SOCK_SEQPACKET connection; see addon/binding/channel.h. Every call that fails throws `{step, errno, object}`. */
export interface NativeChannel {
  /** Hands over one message; the descriptors stay the caller's, and may be closed as soon as this returns. */
  send(text: string, fds?: readonly number[]): void
  /** Whether the connection keeps the event loop alive; it does not at first. */
  setReferenced(referenced: boolean): void
  /** Ends it; neither callback runs any more. */
  close(): void
}

export interface NativeSpawnOptions {
  readonly executable: string
  readonly arguments: readonly string[]
  /** The whole environment, `NAME=value`. */
  readonly environment: readonly string[]
  readonly keepStderr: boolean
  readonly timeoutMs: number
}

/** What tscontainer.node exports. Descriptors that it returns belong to this environment until they are closed or released. */
export interface Addon {
  /** Connects at once. `onClose` gets 0 where the peer ended it in order, else the errno. */
  readonly Channel: new (
    path: string,
    onPacket: (text: string, fds: number[] | undefined) => void,
    onClose: (errno: number) => void,
  ) => NativeChannel
  /** Resolves with the ready line; rejects with `{step, errno, object}`. */
  spawnSupervisor(options: NativeSpawnOptions): Promise<string>
  /** Read end and write end, both blocking and close-on-exec. */
  pipe(): [number, number]
  /** False where the kernel refuses the size; the pipe stays as it was. */
  growPipe(fd: number, sizeBytes: number): boolean
  openDirectory(path: string): number
  duplicateDescriptor(fd: number): number
  /** False where this environment does not own it: then nothing is closed. */
  closeDescriptor(fd: number): boolean
  /** Another owner closes it from now on. */
  releaseDescriptor(fd: number): boolean
  /** The number stands for what `by` does, which is closed; its owner keeps it. */
  replaceDescriptor(fd: number, by: number): void
  tryLock(fd: number, exclusive: boolean): boolean
  unlock(fd: number): void
  availableBytes(fd: number): number
  /** Characters across and down. */
  resizeTerminal(fd: number, columns: number, rows: number): void
  /** Flags of input, output, control and local modes, then the control characters. */
  terminalSettings(fd: number): readonly number[]
  /** Nothing happens where the terminal does not read by lines. */
  endTerminalInput(fd: number, inLine: boolean): void
}

let loaded: Addon | undefined

/** The addon; it is loaded at first use, never at import. ERR_HOST_UNSUPPORTED where there is none for this machine. */
export function addon(): Addon {
  loaded ??= load(nativeFiles().addon)
  return loaded
}

/** The path of the supervisor's executable. */
export function supervisorExecutable(): string {
  return nativeFiles().supervisor
}

function load(path: string): Addon {
  const module = { exports: {} as Addon }
  const problem = `the native part does not load here: ${path}`
  const compile = `to compile one ${compileHint()}`
  let whole = false
  try {
    whole = isWholeLibrary(path)
    if (whole) process.dlopen(module, path)
  } catch (cause) {
    throw unsupported(problem, `the delivered one needs glibc 2.33 or newer; ${compile}`, cause)
  }
  if (!whole) throw unsupported(`${problem} is cut short`, `install the package again; ${compile}`)
  return module.exports
}
