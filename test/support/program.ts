// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const top = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** A program in a Node of its own. */
export interface RunningProgram {
  readonly process: ChildProcess
  /** The next line of its output; rejects when it ends before. */
  line(): Promise<string>
  /** All it wrote, and its exit status (null: a signal), when it has ended. */
  ended(): Promise<{ readonly code: number | null; readonly output: string; readonly errors: string }>
}

const tsx = join(top, 'node_modules/tsx/dist/loader.mjs')
const esbuild = join(top, 'node_modules/esbuild/bin/esbuild')
const entries = { "'tscontainer'": 'index', "'tscontainer/compose'": 'compose' }

const linked = (text: string, folder: string, suffix: string): string =>
  Object.entries(entries).reduce(
    (program, [name, entry]) => program.replaceAll(name, () => `'${join(top, folder, `${entry}.${suffix}`)}'`),
    text,
  )

/**
 * Writes an ES module, given as text, to `directory`; `tscontainer` in it is what is tested: the sources, or with TSC_TEST_BUILT what was
 * built of them, since a slow machine compiles them for minutes. The arguments with which Node runs it.
 */
export const writeProgram = async (directory: string, name: string, text: string): Promise<readonly string[]> => {
  const path = join(directory, name)
  if (process.env.TSC_TEST_BUILT) {
    // By its program: the module would leave a process and its pipes behind.
    await writeFile(`${path}.mjs`, execFileSync(esbuild, ['--loader=ts'], { input: linked(text, 'dist', 'js') }))
    return [`${path}.mjs`]
  }
  await writeFile(`${path}.mts`, linked(text, 'src', 'ts'))
  return ['--import', tsx, `${path}.mts`]
}

/** Runs such a module in a Node of its own. */
export const runProgram = async (directory: string, name: string, text: string): Promise<RunningProgram> => {
  const args = await writeProgram(directory, name, text)
  // Where one entry of the package imports another one.
  const env = { ...process.env, TSX_TSCONFIG_PATH: join(top, 'tsconfig.json') }
  const child = spawn(process.execPath, args, { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let errors = ''
  let taken = 0
  let wake = () => {}
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk
    wake()
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors += chunk
  })
  const end = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)))
  let over = false
  void end.then(() => {
    over = true
    wake()
  })
  const line = async (): Promise<string> => {
    for (;;) {
      const at = output.indexOf('\n', taken)
      if (at >= 0) {
        const found = output.slice(taken, at)
        taken = at + 1
        return found
      }
      if (over) throw new Error(`the program ended: ${errors}`)
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  return { process: child, line, ended: async () => ({ code: await end, output, errors }) }
}
