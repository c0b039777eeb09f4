// SPDX-License-Identifier: Apache-2.0
import { expect } from 'vitest'
import { writeProgram } from '../../support/program.js'
import { slow } from '../../support/slow.js'
import type { TestEngine } from '../../support/test-engine.js'
import { TmuxWindow } from '../../support/tmux.js'

interface Size {
  readonly columns: number
  readonly rows: number
}

/**
 * A window in which a program runs that has `engine`, `make` (a container of the host's image) and `bridged` (options of an exec). A shell stays
 * behind it, in which the state of the terminal can be seen.
 */
export const openBridged = async (
  host: TestEngine,
  name: string,
  body: string,
  size: Size = { columns: 90, rows: 25 },
): Promise<TmuxWindow> => {
  const args = await writeProgram(
    host.directory,
    name,
    `import { Container, Engine, EngineError, Image } from 'tscontainer'
     const engine = await Engine.open({ root: '${host.root}', runRoot: '${host.runRoot}' })
     const bridged = { tty: true, stdin: 'inherit', stdout: 'inherit' } as const
     const make = async (options: object) => await Container.run(await Image.host({ engine }), { engine, ...options })
     ${body}
     await engine.close()`,
  )
  const line = `${[process.execPath, ...args].join(' ')}; echo "program: $?"; PS1='shell> ' exec sh -i`
  return await TmuxWindow.open(host.directory, line, size)
}

/** Resolves when the program has ended with that status and the terminal is again as it was before. */
export const restored = async (terminal: TmuxWindow, status = 0): Promise<void> => {
  await terminal.until(new RegExp(`program: ${status}`))
  // A program that was killed is gone a moment before its terminal is given back, and Enter ends no line in one that is raw.
  const asked = async () => {
    await terminal.type('stty -a | tr ";" "\\n" | grep -owE -e "-?(icanon|echo|isig)" | tr "\\n" ,')
    return await terminal.screen()
  }
  await expect.poll(asked, { timeout: 20_000 * slow, interval: 200 }).toMatch(/^isig,icanon,echo,/m)
}
