// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { slow } from './slow.js'

const run = promisify(execFile)

/** A real terminal: a program in a window of tmux, whose keys are pressed and whose screen is read. */
export class TmuxWindow {
  readonly #socket: string

  private constructor(socket: string) {
    this.#socket = socket
  }

  /** Runs a line of shell in a window of that size. The socket lies in `directory`. */
  static async open(
    directory: string,
    line: string,
    { columns, rows }: { readonly columns: number; readonly rows: number },
  ): Promise<TmuxWindow> {
    const window = new TmuxWindow(join(directory, `tmux-${Math.random().toString(36).slice(2)}`))
    await window.#tmux('new-session', '-d', '-x', String(columns), '-y', String(rows), line)
    await window.#tmux('set-option', '-g', 'window-size', 'manual')
    return window
  }

  /** Presses keys by tmux's names: `C-c`, `Enter`, `Escape`. */
  async press(...keys: readonly string[]): Promise<void> {
    await this.#tmux('send-keys', ...keys)
  }

  /** Types a text and Enter. */
  async type(text: string): Promise<void> {
    await this.#tmux('send-keys', '-l', text)
    await this.press('Enter')
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux('resize-window', '-x', String(columns), '-y', String(rows))
  }

  /** What is to be seen, without empty space at the ends of lines. */
  async screen(): Promise<string> {
    return (await this.#tmux('capture-pane', '-p', '-J')).replace(/ +$/gm, '')
  }

  /** What was to be seen since the beginning: also what has left the screen. */
  async history(): Promise<string> {
    return (await this.#tmux('capture-pane', '-p', '-J', '-S', '-')).replace(/ +$/gm, '')
  }

  /** The screen, once it shows that. */
  async until(expected: RegExp): Promise<string> {
    const deadline = performance.now() + 20_000 * slow
    for (;;) {
      const screen = await this.screen()
      if (expected.test(screen)) return screen
      if (performance.now() > deadline) throw new Error(`${expected} is not on the screen:\n${screen}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  async close(): Promise<void> {
    await this.#tmux('kill-server').catch(() => {})
  }

  async #tmux(...args: readonly string[]): Promise<string> {
    const env = { ...process.env, LANG: 'C.UTF-8', SHELL: '/bin/sh', TERM: 'xterm' }
    const { stdout } = await run('tmux', ['-S', this.#socket, '-f', '/dev/null', ...args], { env })
    return stdout
  }
}
