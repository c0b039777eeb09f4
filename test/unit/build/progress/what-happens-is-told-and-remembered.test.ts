// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BuildMonitor } from '../../../../src/build/progress/build-monitor.js'
import type { BuildProgress, BuildStep } from '../../../../src/build/progress/build-progress.js'
import type { BuildReport } from '../../../../src/build/progress/build-report.js'
import { LastLines } from '../../../../src/build/progress/last-lines.js'
import { readReports, storeReport } from '../../../../src/build/progress/stored-reports.js'
import { showBuild } from '../../../../src/build/progress/terminal-view.js'
import { solve } from '../../../../src/build/solver/solve.js'
import type { Work } from '../../../../src/build/solver/work.js'
import { makeCache, makeWork } from '../solver/made-works.js'

const bytes = (text: string) => Buffer.from(text)

/** A graph of an image, a step that writes, and one on top, and how to watch it. */
const makeGraph = (run: Work['run'] = async () => []) => {
  const image = makeWork([], { name: 'image', kind: 'origin' })
  const noisy: Work = { ...makeWork([], { name: 'noisy', base: image }), run }
  const top = makeWork([], { name: 'top', base: noisy })
  const steps = [image, noisy, top].map((work, index): [Work, BuildStep] => [
    work,
    { id: index + 1, name: work.name, stage: 'main', line: index + 1, needs: index === 0 ? [] : [index] },
  ])
  return { top, steps: new Map(steps) }
}

const watch = async (graph: ReturnType<typeof makeGraph>, cache = makeCache()) => {
  const told: BuildProgress[] = []
  const monitor = new BuildMonitor(graph.steps, new Date(), (event) => told.push(event))
  const solving = solve([graph.top], { cache, onEvent: (event) => monitor.take(event) })
  await solving.catch(() => {})
  return { told, steps: monitor.steps }
}

describe('a build that is watched', () => {
  test('tells its graph first, then each step with what it writes', async () => {
    const graph = makeGraph(async ({ output }) => {
      output('stdout', bytes('one\ntw'))
      output('stdout', bytes('o\n'))
      output('stderr', bytes('no end'))
      return [{ diffId: 'sha256:0' as never, sizeBytes: 12 }]
    })
    const { told, steps } = await watch(graph)
    expect(told.map((event) => ('step' in event ? `${event.type} ${event.step.name}` : event.type))).toEqual([
      'graph',
      'started image',
      'done image',
      'started noisy',
      'output noisy',
      'output noisy',
      'output noisy',
      'done noisy',
      'started top',
      'done top',
    ])
    expect(steps[1]).toMatchObject({ state: 'done', sizeBytes: 12, lastLines: ['one', 'two', 'no end'] })
  })

  test('counts as cached what nobody had to ask for', async () => {
    const cache = makeCache()
    await watch(makeGraph(), cache)
    const { told, steps } = await watch(makeGraph(), cache)
    expect(told.map(({ type }) => type)).toEqual(['graph', 'cached'])
    expect(steps.map(({ state }) => state)).toEqual(['cached', 'cached', 'cached'])
  })

  test('says how it failed, with the last lines, and what was not reached', async () => {
    const { told, steps } = await watch(
      makeGraph(async ({ output }) => {
        output('stderr', bytes('no such thing\n'))
        throw new Error('exit code 2')
      }),
    )
    expect(told.at(-1)).toMatchObject({ type: 'failed', lastLines: ['no such thing'], error: new Error('exit code 2') })
    expect(steps.map(({ state }) => state)).toEqual(['done', 'failed', 'waiting'])
  })
})

describe('lines', () => {
  test('only the last are kept, and long ones are cut', () => {
    const lines = new LastLines(2)
    lines.add('stdout', bytes(`first\nsecond\n${'x'.repeat(5000)}\n`))
    expect(lines.lines).toEqual(['second', `${'x'.repeat(1000)}…`])
  })

  test('a character in two chunks is one', () => {
    const lines = new LastLines(2)
    lines.add('stdout', bytes('ä').subarray(0, 1))
    lines.add('stdout', bytes('ä\n').subarray(1))
    expect(lines.lines).toEqual(['ä'])
  })
})

describe('the view', () => {
  const show = async (events: readonly BuildProgress[], isTTY = false) => {
    let text = ''
    async function* all() {
      yield* events
    }
    await showBuild(all(), { isTTY, write: (more) => (text += more) })
    return text
  }
  const step: BuildStep = { id: 3, name: '[2/2] RUN make', stage: null, line: 4, needs: [] }
  const time = new Date()

  test('is lines with the number of their step', async () => {
    const text = await show([
      { type: 'started', time, step },
      { type: 'output', time, step, stream: 'stdout', chunk: bytes('a\nb') },
      { type: 'done', time, step, durationMs: 1234, sizeBytes: 5 },
      { type: 'image', time, id: 'sha256:1' as never, tags: ['docker.io/library/app:1'] },
    ])
    expect(text).toBe('#3 [2/2] RUN make\n#3 a\n#3 b\n#3 DONE 1.2s\nimage sha256:1\n  docker.io/library/app:1\n')
  })

  test('has colours on a terminal only, and never those of a step', async () => {
    const chunk = bytes('\x1b[31mred\x1b[0m \x1b]0;title\x07\x1b[2J\rdone\n')
    const events: BuildProgress[] = [{ type: 'output', time, step, stream: 'stdout', chunk }]
    const text = await show(events)
    expect(text).toBe('#3 red ]0;titledone\n')
    expect(await show(events, true)).toMatch(/^\x1b\[34m#3/)
  })
})

describe('reports', () => {
  let directory = ''
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tsc-reports-'))
  })
  afterAll(() => rm(directory, { recursive: true, force: true }))
  const report = (second: number): BuildReport => ({
    id: second.toString(16).padStart(64, '0'),
    startedAt: new Date(second * 1000),
    durationMs: 5,
    outcome: 'succeeded',
    message: null,
    image: null,
    tags: [],
    target: null,
    steps: [],
  })

  test('come back, the latest first, and only the last hundred', async () => {
    for (let second = 1; second <= 102; second++) await storeReport(directory, report(second))
    const reports = await readReports(directory)
    expect(reports).toHaveLength(100)
    expect(reports[0]).toEqual(report(102))
    expect(await readdir(directory)).toHaveLength(100)
  })

  test('that are damaged are left out', async () => {
    const name = `${'9'.repeat(16)}-${'f'.repeat(64)}.json`
    await writeFile(join(directory, name), '{"id":')
    expect((await readReports(directory))[0]?.id).toBe(report(102).id)
  })
})
