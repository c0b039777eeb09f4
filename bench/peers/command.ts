// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** Its output, or undefined where the program is missing or fails. */
export async function output(program: string, ...args: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout } = await execute(program, [...args], { timeout: 20_000 })
    return stdout.trim()
  } catch {
    return undefined
  }
}

export const nothing = async (): Promise<void> => {}
