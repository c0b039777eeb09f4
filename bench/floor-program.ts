// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface, type Interface } from 'node:readline'

export interface FloorOptions {
  readonly executable: string
  /** A root file system with /bin/true. */
  readonly lower: string
  readonly scratch: string
  /**
   * `plain`: mount, pid, uts, ipc and cgroup. `all`: network and user besides, as the engine's containers have them. `linked`: the same
   * with a link to a bridge, its address and its route, as those on a network have.
   */
  readonly namespaces: 'plain' | 'all' | 'linked'
  /** Shows no unified cgroup tree to what it runs: crun refuses a machine that has both kinds. */
  readonly v1Only?: boolean | undefined
}

/**
 * The program of bench/native/floor.cc: it does what the kernel asks of any container, and starts other engines' programs,
 * from a small process and timed by itself.
 */
export class FloorProgram {
  readonly #child: ChildProcess
  readonly #lines: Interface
  readonly #answers: AsyncIterator<string>

  constructor({ executable, lower, scratch, namespaces, v1Only = false }: FloorOptions) {
    const args = ['--lower', lower, '--scratch', scratch, '--namespaces', namespaces, ...(v1Only ? ['--v1-only'] : [])]
    this.#child = spawn(executable, [...args, 'serve'], { stdio: ['pipe', 'pipe', 'inherit'] })
    if (!this.#child.stdout) throw new Error('no pipe')
    this.#lines = createInterface({ input: this.#child.stdout })
    this.#answers = this.#lines[Symbol.asyncIterator]()
  }

  /** Milliseconds for `life`, `exec`, `parallel TOTAL AT_A_TIME` or `run TOTAL AT_A_TIME PROGRAM …`. */
  async ask(...words: readonly (string | number)[]): Promise<number> {
    this.#child.stdin?.write(`${words.join(' ')}\n`)
    const { value, done } = await this.#answers.next()
    if (done) throw new Error(`the floor program ended at: ${words.join(' ')}`)
    const { us } = JSON.parse(value) as { readonly us: number }
    if (us < 0) throw new Error(`the floor program does not know: ${words.join(' ')}`)
    return us / 1000
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.stdin?.end()
    await ended
  }
}
