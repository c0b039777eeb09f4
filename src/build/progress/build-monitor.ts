// SPDX-License-Identifier: Apache-2.0
import type { WorkEvent } from '../solver/work.js'
import type { BuildProgress, BuildStep, StepOf } from './build-progress.js'
import type { BuildStepReport } from './build-report.js'
import { LastLines } from './last-lines.js'

const reportedLines = 20

interface Watched {
  readonly step: BuildStep
  readonly output: LastLines
  state: BuildStepReport['state']
  startedMs: number | null
  endedMs: number | null
  sizeBytes: number
}

/** Turns what a solver tells into progress, and remembers it for the report. */
export class BuildMonitor {
  readonly #steps: StepOf
  readonly #watched = new Map<BuildStep, Watched>()
  readonly #beganMs: number
  readonly #tell: (event: BuildProgress) => void

  constructor(steps: StepOf, beganAt: Date, tell: (event: BuildProgress) => void) {
    this.#steps = steps
    this.#beganMs = beganAt.getTime()
    this.#tell = tell
    for (const step of steps.values()) this.#watched.set(step, unbegun(step))
    tell({ type: 'graph', time: new Date(), steps: [...steps.values()] })
  }

  /** Takes an event of the solver's. What has no step is nothing to be shown. */
  take(event: WorkEvent): void {
    const step = this.#steps.get(event.work)
    const watched = step && this.#watched.get(step)
    if (watched) this.#tell(this.#note(watched, event))
  }

  /** Of all steps, in their order. Those that were not needed since a later one was cached count as cached. */
  get steps(): readonly BuildStepReport[] {
    return [...this.#watched.values()].map(({ step, output, state, startedMs, endedMs, sizeBytes }) => ({
      ...step,
      state,
      startedMs,
      durationMs: startedMs === null || endedMs === null ? 0 : endedMs - startedMs,
      sizeBytes,
      lastLines: output.lines,
    }))
  }

  #note(watched: Watched, event: WorkEvent): BuildProgress {
    const time = new Date()
    const { step } = watched
    const at = time.getTime() - this.#beganMs
    switch (event.type) {
      case 'started':
        Object.assign(watched, { state: 'running', startedMs: at })
        return { type: 'started', time, step }
      case 'output':
        watched.output.add(event.stream, event.chunk)
        return { type: 'output', time, step, stream: event.stream, chunk: event.chunk }
      case 'cached':
        this.#cached(watched, at)
        return { type: 'cached', time, step }
      case 'done': {
        const sizeBytes = event.layers.reduce((sum, layer) => sum + layer.sizeBytes, 0)
        Object.assign(watched, { state: 'done', endedMs: at, sizeBytes })
        return { type: 'done', time, step, durationMs: at - (watched.startedMs ?? at), sizeBytes }
      }
      case 'failed':
        Object.assign(watched, { state: 'failed', endedMs: at })
        return { type: 'failed', time, step, error: event.error, lastLines: watched.output.lines }
    }
  }

  // Nobody asked for what it goes on from, since its result was there.
  #cached(watched: Watched, at: number): void {
    Object.assign(watched, { state: 'cached', startedMs: at, endedMs: at })
    const open = [...watched.step.needs]
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      const below = [...this.#watched.values()].find(({ step }) => step.id === id)
      if (below?.state !== 'waiting') continue
      below.state = 'cached'
      open.push(...below.step.needs)
    }
  }
}

const unbegun = (step: BuildStep): Watched => ({
  step,
  output: new LastLines(reportedLines),
  state: 'waiting',
  startedMs: null,
  endedMs: null,
  sizeBytes: 0,
})
