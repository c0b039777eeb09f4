// SPDX-License-Identifier: Apache-2.0
import type { BuildProgress } from './build-progress.js'
import { LastLines } from './last-lines.js'

/** Where a view is written: `process.stderr`, or something like it. */
export interface ViewTarget {
  /** Whether it understands colours. */
  readonly isTTY?: boolean | undefined
  /** Takes the next piece of text. */
  write(text: string): unknown
}

/**
 * Shows a build in a terminal as it goes on, a line for each thing that happens: steps with their numbers, what they write, times. Colours
 * only on a terminal. Control characters of what steps write are not handed on.
 */
export async function showBuild(
  build: AsyncIterable<BuildProgress>,
  target: ViewTarget = process.stderr,
): Promise<void> {
  const lines = new LineView(target)
  for await (const event of build) lines.show(event)
}

// ECMA-48, SGR.
const colours = { red: 31, green: 32, yellow: 33, blue: 34 } as const

type StepEvent = Extract<BuildProgress, { readonly step: unknown }>

class LineView {
  readonly #target: ViewTarget
  readonly #open = new Map<number, LastLines>()

  constructor(target: ViewTarget) {
    this.#target = target
  }

  show(event: BuildProgress): void {
    for (const line of this.#linesOf(event)) this.#target.write(`${line}\n`)
  }

  #linesOf(event: BuildProgress): readonly string[] {
    switch (event.type) {
      case 'graph':
        return []
      case 'warning':
        return [this.#style('yellow', `warning: ${event.message}${event.line ? ` (line ${event.line})` : ''}`)]
      case 'image':
        return [`image ${event.id}`, ...event.tags.map((tag) => `  ${tag}`)]
      default:
        return this.#ofStep(event).map((line) => `${this.#style('blue', `#${event.step.id}`)} ${line}`)
    }
  }

  #ofStep(event: StepEvent): readonly string[] {
    switch (event.type) {
      case 'started':
        return [event.step.name]
      case 'output':
        return this.#output(event)
      case 'cached':
        return [`${this.#style('green', 'CACHED')} ${event.step.name}`]
      case 'done':
        return [...this.#rest(event.step.id), this.#style('green', `DONE ${(event.durationMs / 1000).toFixed(1)}s`)]
      case 'failed':
        return [...this.#rest(event.step.id), this.#style('red', `FAILED ${messageOf(event.error)}`)]
    }
  }

  #output({ step, stream, chunk }: Extract<BuildProgress, { readonly type: 'output' }>): readonly string[] {
    const lines = this.#open.get(step.id) ?? new LastLines(1)
    this.#open.set(step.id, lines)
    return lines.take(stream, chunk).map(plain)
  }

  // What a step wrote last need not end with a line's end.
  #rest(id: number): readonly string[] {
    const rest = (this.#open.get(id)?.lines ?? []).map(plain)
    this.#open.delete(id)
    return rest
  }

  #style(colour: keyof typeof colours, text: string): string {
    const coloured = this.#target.isTTY && !process.env.NO_COLOR
    return coloured ? `\x1b[${colours[colour]}m${text}\x1b[39m` : text
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

// Colours of a step would go on in the lines after it, and its cursor movements over those before it.
const plain = (line: string): string => line.replace(/\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, '')
