// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process'
import { top } from './paths.mjs'

/** What ends a script with a message of one paragraph instead of a stack. */
export class Stop extends Error {
  constructor(message, status = 1) {
    super(message)
    this.status = status
  }
}

/** The exit status of "this host lacks something": the message says what, and the command that cures it. */
export const LACKING = 3

/** Runs a program with our terminal and returns its exit status. */
export const run = (command, args, options = {}) => {
  const { status, signal, error } = spawnSync(command, args, { cwd: top, stdio: 'inherit', ...options })
  if (error) throw new Stop(`${command}: ${error.message}`)
  return signal ? 128 : status
}

/** Runs a program, and stops unless it ends with 0. */
export const must = (command, args, options) => {
  const status = run(command, args, options)
  if (status !== 0) throw new Stop(`\`${command} ${args.join(' ')}\` ended with ${status}`)
}

/** A program of node_modules, run by this Node. */
export const bin = (path) => [process.execPath, `${top}/node_modules/${path}`]

/** Runs `main`; a Stop prints its message and sets the exit status. */
export const script = async (main) => {
  try {
    process.exitCode = (await main()) ?? 0
  } catch (error) {
    if (!(error instanceof Stop)) throw error
    console.error(error.message)
    process.exitCode = error.status
  }
}
