// SPDX-License-Identifier: Apache-2.0
import type { ContainerOptions, ExecOptions, ExecResult } from 'tscontainer'

/** What a command of a fake container answers. What is left out is empty, or 0. */
export type FakeAnswer = Partial<Pick<ExecResult, 'stdout' | 'stderr' | 'exitCode' | 'signal' | 'durationMs'>>

/** How the main process of a fake container ends by itself. */
export interface FakeExit {
  /** Its exit code. */
  readonly code: number
  /** After how long; 0 by default, which is right after its last line. */
  readonly afterMs?: number | undefined
}

/** How containers of a fake image behave. */
export interface FakeImage {
  /** What its main process writes when it starts. */
  readonly logs?: readonly string[] | ((options: ContainerOptions) => readonly string[]) | undefined
  /** The TCP ports it listens on, while it runs. */
  readonly ports?: readonly number[] | undefined
  /** How the main process ends by itself; it runs until it is stopped when this is not given. */
  readonly exit?: FakeExit | ((options: ContainerOptions) => FakeExit | undefined) | undefined
  /** What SIGTERM, or another signal to stop, makes of it; exit code 0 by default. */
  readonly stopCode?: number | undefined
  /** What commands answer; one that is not answered for is ERR_EXEC_SPAWN with ENOENT, as of a program that is not in the image. */
  readonly exec?:
    | ((argv: readonly string[], options: ExecOptions) => FakeAnswer | undefined | Promise<FakeAnswer | undefined>)
    | undefined
}
