// SPDX-License-Identifier: Apache-2.0
import type { ContainerOptions, ExitStatus } from '../../src/index.js'

/** How a container is to be made. */
export type BoxOptions = ContainerOptions & { readonly name: string; readonly image?: string }

/** What is to be built of a Dockerfile. */
export interface BuildOrder {
  readonly text: string
  readonly tag: string
  /** The path of a directory. */
  readonly context: string
  /** Its id is `token`. */
  readonly secret: string
}

/** What an actor can be told to do. Containers are named. */
export interface Deeds {
  /** A new engine instead of the old one; the supervisor's pid. */
  open(): Promise<number>
  info(): Promise<number>
  image(): Promise<string>
  /** Of the machine's own image, or that one. */
  create(options: BoxOptions): Promise<string>
  start(name: string): Promise<void>
  run(options: BoxOptions): Promise<string>
  exec(what: { readonly name: string; readonly script: string }): Promise<string>
  /** An exec that goes on; `settled` waits for its end. */
  spawn(what: { readonly name: string; readonly script: string }): Promise<void>
  settled(name: string): Promise<void>
  /** Resolves when it was started again by its policy. */
  restarted(name: string): Promise<void>
  /** Resolves when it was checked and is healthy. */
  checked(name: string): Promise<void>
  copyIn(what: { readonly name: string; readonly from: string }): Promise<void>
  /** Writes, reads, lists and removes. */
  files(name: string): Promise<void>
  /** Types a line into `cat`, and reads it. */
  attach(name: string): Promise<void>
  /** Begins one, finds it again, and ends it. */
  detachedExec(name: string): Promise<void>
  /** Makes one of that name. */
  network(name: string): Promise<string>
  networks(): Promise<readonly string[]>
  connect(what: { readonly network: string; readonly name: string }): Promise<void>
  disconnect(what: { readonly network: string; readonly name: string }): Promise<void>
  removeNetwork(name: string): Promise<void>
  pid(name: string): Promise<number | null>
  pause(name: string): Promise<void>
  resume(name: string): Promise<void>
  stop(name: string): Promise<ExitStatus>
  wait(name: string): Promise<ExitStatus>
  waitRemoved(name: string): Promise<ExitStatus>
  remove(name: string): Promise<void>
  get(name: string): Promise<{ readonly state: string; readonly exit: ExitStatus | null; readonly pid: number | null }>
  logs(name: string): Promise<readonly string[]>
  names(): Promise<readonly string[]>
  /** Makes one of that name. */
  volume(name: string): Promise<void>
  removeVolume(name: string): Promise<void>
  write(what: { readonly name: string; readonly path: string; readonly text: string }): Promise<void>
  /** Takes the name from an image. */
  untag(name: string): Promise<void>
  prune(): Promise<void>
  /** Kills the supervisor. */
  crash(): Promise<void>
  /** Makes what has to be there whatever happens (keepsakes.ts), of a tar of a root file system. */
  promise(rootTar: string): Promise<void>
  /** What of it is not as it was. */
  broken(how: { readonly whole: boolean }): Promise<readonly string[]>
  /** Removes all containers, volumes and networks but what was promised. */
  clear(): Promise<void>
  /** Also what was promised. */
  removeAll(): Promise<void>
  import(file: string): Promise<string>
  load(file: string): Promise<string>
  pull(reference: string): Promise<string>
  save(what: { readonly name: string; readonly path: string }): Promise<void>
  commit(what: { readonly name: string; readonly tag: string }): Promise<string>
  images(): Promise<readonly string[]>
  /** Its id, and the steps that no record had. */
  build(what: BuildOrder): Promise<{ readonly id: string; readonly done: readonly string[] }>
  /** The files below the engine's directories that have the text in them. */
  grep(text: string): Promise<readonly string[]>
  /** Removes all images that have a name but the promised one, what belongs to none, and what builds have kept. */
  removeImages(): Promise<void>
  close(): Promise<void>
}

export type Deed = keyof Deeds
export type Argument<D extends Deed> = Parameters<Deeds[D]>[0]
export type Result<D extends Deed> = Awaited<ReturnType<Deeds[D]>>

/** One line to an actor. */
export interface Call {
  readonly id: number
  readonly deed: Deed
  readonly argument?: unknown
}

/** One line of an actor. */
export interface Answer {
  readonly id: number
  readonly value?: unknown
  readonly error?: { readonly code: string; readonly message: string } | undefined
}
