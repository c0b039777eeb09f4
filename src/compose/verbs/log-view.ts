// SPDX-License-Identifier: Apache-2.0
import type { ViewTarget } from 'tscontainer'
import { safeLine } from './log-line.js'
import type { ProjectLogEntry } from './project-logs.js'

/** How the logs of a project are shown. */
export interface LogViewOptions {
  /** Whether names have colours; by default on a terminal, unless NO_COLOR is set. */
  readonly colours?: boolean | undefined
  /** False leaves out whose line it is; true by default. */
  readonly prefix?: boolean | undefined
  /** Whether each line begins with its time; false by default. */
  readonly timestamps?: boolean | undefined
  /**
   * Whether control characters and sequences get to the target as they were written: a container can then move the cursor, and write lines that look
   * like another's. False by default: colours stay, where there are any.
   */
  readonly raw?: boolean | undefined
}

/** As in `docker compose`. ECMA-48, SGR. */
const colours = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94] as const

/** Writes lines of several containers to a target, each behind the name of its own: `web-1  | ready`. */
export class LogView {
  readonly #target: ViewTarget
  readonly #options: LogViewOptions
  readonly #isColoured: boolean
  readonly #colours = new Map<string, number>()
  #width = 0

  constructor(target: ViewTarget, options: LogViewOptions = {}) {
    this.#target = target
    this.#options = options
    this.#isColoured = options.colours ?? (target.isTTY === true && !process.env.NO_COLOR)
  }

  /** Names that are known beforehand, so that all lines begin at the same column. */
  expect(names: Iterable<string>): void {
    for (const name of names) this.#width = Math.max(this.#width, name.length)
  }

  show(name: string, entry: Pick<ProjectLogEntry, 'line' | 'timeNs'>): void {
    const { timestamps, raw } = this.#options
    const line = raw ? entry.line : safeLine(entry.line, { colours: this.#isColoured })
    this.#write(`${this.#prefixOf(name)}${timestamps ? `${timeOf(entry.timeNs)} ` : ''}${line}`)
  }

  /** What is to be said of a container, in place of what it says. */
  note(name: string, text: string): void {
    this.#write(`${this.#prefixOf(name)}${text}`)
  }

  #write(line: string): void {
    this.#target.write(`${line}\n`)
  }

  #prefixOf(name: string): string {
    if (this.#options.prefix === false) return ''
    this.expect([name])
    const prefix = `${name.padEnd(this.#width)}  | `
    if (!this.#isColoured) return prefix
    const colour = this.#colours.get(name) ?? colours[this.#colours.size % colours.length] ?? colours[0]
    this.#colours.set(name, colour)
    return `\x1b[${colour}m${prefix}\x1b[0m`
  }
}

// RFC 3339 with all nine digits of the nanoseconds, as docker writes it.
function timeOf(timeNs: bigint): string {
  const seconds = new Date(Number(timeNs / 1_000_000n)).toISOString().slice(0, 19)
  return `${seconds}.${String(timeNs % 1_000_000_000n).padStart(9, '0')}Z`
}
