// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EngineError } from '../errors/engine-error.js'

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

interface NativeFiles {
  readonly addon: string
  readonly supervisor: string
}

let loaded: Addon | undefined
let files: NativeFiles | undefined

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
  try {
    process.dlopen(module, path)
  } catch (cause) {
    throw unsupported(`the native part does not load here: ${path}`, 'it needs glibc 2.31 or later', cause)
  }
  return module.exports
}

function nativeFiles(): NativeFiles {
  files ??= findNativeFiles()
  return files
}

function findNativeFiles(): NativeFiles {
  if (process.platform !== 'linux') {
    throw unsupported(
      `containers need Linux; this is ${process.platform}`,
      'run this program on Linux or in a Linux virtual machine',
    )
  }
  // Its libuv is a set of stubs, the missing ones of which end the process.
  if (process.versions.bun !== undefined) {
    throw unsupported(
      `Bun ${process.versions.bun} cannot run the native part: it lacks uv_poll_init of libuv (oven-sh/bun#18546)`,
      'run this program with Node 20 or newer',
    )
  }
  const root = packageRoot()
  // What was built here beats what was delivered: whoever builds, wants that.
  for (const directory of [join('build', 'Release'), join('prebuilds', `linux-${process.arch}-glibc`)]) {
    const found = {
      // For tests: those that were built with sanitizers (npm run test:sanitizers).
      addon: process.env.TSCONTAINER_ADDON ?? join(root, directory, 'tscontainer.node'),
      supervisor: process.env.TSCONTAINER_SUPERVISOR ?? join(root, directory, 'tscontainer-supervisor'),
    }
    if (existsSync(found.addon)) return found
  }
  throw unsupported(`no native part for linux-${process.arch} in ${root}`, 'build it there: npm run build:native')
}

/** The directory above dist/ or src/ that has the package.json. */
export function packageRoot(): string {
  const here = dirname(fileURLToPath(import.meta.url))
  for (let directory = here; directory !== dirname(directory); directory = dirname(directory)) {
    if (existsSync(join(directory, 'package.json'))) return directory
  }
  return here
}

function unsupported(message: string, hint: string, cause?: unknown): EngineError {
  return new EngineError({ code: 'ERR_HOST_UNSUPPORTED', message, hint, cause, report: null })
}
