// SPDX-License-Identifier: Apache-2.0
import type { BuildProgress, ViewTarget } from 'tscontainer'
import { LastLines } from '../../build/progress/last-lines.js'
import type { ProjectContainerEvent, ProjectProgress } from './project-progress.js'

/**
 * Shows the change of a project in a terminal as it goes on, a line for each thing that happens: images, networks, volumes and containers with
 * what took how long, what builds write. Colours only on a terminal. Control characters of others are not handed on.
 */
export async function showProject(
  operation: AsyncIterable<ProjectProgress>,
  target: ViewTarget = process.stderr,
): Promise<void> {
  const view = new LineView(target)
  for await (const event of operation) view.show(event)
}

// ECMA-48, SGR.
const colours = { red: 31, green: 32, yellow: 33, blue: 34 } as const

// What is under way, and what is not told since what follows it is.
const quiet = new Set(['creating', 'starting', 'stopping', 'removing', 'pausing', 'resuming', 'killing'])
const good = new Set(['created', 'started', 'healthy', 'resumed', 'pulled', 'built'])

class LineView {
  readonly #target: ViewTarget
  readonly #begun = new Map<string, number>()
  readonly #outputs = new Map<string, LastLines>()

  constructor(target: ViewTarget) {
    this.#target = target
  }

  show(event: ProjectProgress): void {
    for (const line of this.#linesOf(event)) this.#target.write(`${line}\n`)
  }

  #linesOf(event: ProjectProgress): readonly string[] {
    switch (event.type) {
      case 'plan':
      case 'pull':
        return []
      case 'warning':
        return [this.#style('yellow', `warning: ${plain(event.message)}`)]
      case 'build':
        return this.#ofBuild(event.service, event.progress)
      case 'hook':
        return event.phase === 'done'
          ? []
          : [`${subject('Container', event.name)} ${event.hook} ${words(event.command)}`]
      case 'container':
        return this.#phase(subject('Container', event.name), event, details(event))
      default:
        return this.#phase(subject(titles[event.type], event.name), event)
    }
  }

  #phase(
    about: string,
    { phase, time }: { readonly phase: string; readonly time: Date },
    more = '',
  ): readonly string[] {
    if (quiet.has(phase) || phase === 'pulling' || phase === 'building') {
      this.#begun.set(about, time.getTime())
      return phase === 'pulling' || phase === 'building' ? [`${about} ${title(phase)}`] : []
    }
    const begun = this.#begun.get(about)
    this.#begun.delete(about)
    const took = begun === undefined ? '' : ` ${((time.getTime() - begun) / 1000).toFixed(1)}s`
    const text = good.has(phase) ? this.#style('green', title(phase)) : title(phase)
    return [`${about} ${text}${more}${took}`]
  }

  #ofBuild(service: string, progress: BuildProgress): readonly string[] {
    const about = (line: string) => `${this.#style('blue', service)} ${line}`
    switch (progress.type) {
      case 'started':
        return [about(plain(progress.step.name))]
      case 'cached':
        return [about(`${this.#style('green', 'CACHED')} ${plain(progress.step.name)}`)]
      case 'failed':
        return [about(this.#style('red', `FAILED ${plain(progress.step.name)}`))]
      case 'output':
        return this.#output(`${service} ${progress.step.id}`)
          .take(progress.stream, progress.chunk)
          .map(plain)
          .map(about)
      default:
        return []
    }
  }

  #output(key: string): LastLines {
    const lines = this.#outputs.get(key) ?? new LastLines(1)
    this.#outputs.set(key, lines)
    return lines
  }

  #style(colour: keyof typeof colours, text: string): string {
    const coloured = this.#target.isTTY && !process.env.NO_COLOR
    return coloured ? `\x1b[${colours[colour]}m${text}\x1b[39m` : text
  }
}

const titles = { network: 'Network', volume: 'Volume', image: 'Image' } as const
const title = (phase: string): string => `${phase.slice(0, 1).toUpperCase()}${phase.slice(1)}`
const subject = (kind: string, name: string): string => ` ${kind} ${plain(name)}`
const words = (command: readonly string[]): string => plain(command.join(' '))

function details({ phase, reason, exit }: ProjectContainerEvent): string {
  if (phase === 'exited' && exit) return ` (${exit.code})`
  return (phase === 'waiting' || phase === 'recreating') && reason ? `: ${plain(reason)}` : ''
}

const plain = (line: string): string => line.replace(/\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, '')
