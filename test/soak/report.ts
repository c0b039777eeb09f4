// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from 'node:fs'
import { availableParallelism, release, totalmem } from 'node:os'
import { join } from 'node:path'
import type { AliveResult } from './alive.js'
import type { LivesResult } from './lives.js'
import type { MixResult } from './mix.js'
import { readParts, top } from './parts.js'
import { plotLives } from './plot.js'
import type { Sample } from './sample.js'
import { measures, slopesOf } from './slope.js'

type Row = readonly (string | number)[]

const table = (head: Row, rows: readonly Row[]): string =>
  [head, head.map((_, index) => (index === 0 ? '---' : '---:')), ...rows]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n')

const one = (value: number): string => String(Math.round(value * 10) / 10)

const two = (value: number): string => String(Math.round(value * 100) / 100 || 0)

const names: Readonly<Record<(typeof measures)[number], string>> = {
  heap: "Node's heap, KiB",
  node: 'Node, PSS, KiB',
  engine: 'supervisor and its processes, PSS, KiB',
  descriptors: 'descriptors',
  threads: 'threads',
  processes: 'processes',
  cgroups: 'cgroups',
  mounts: 'mounts',
  links: 'links',
  files: 'files',
  disk: 'disk, KiB',
}

const livesText = (runs: readonly LivesResult[]): string => {
  const counts = runs.map((run) => [`${run.concurrency}`, run.lives, run.wrongCount, one(run.seconds)])
  const slopes = runs.map(({ samples }) => slopesOf(samples))
  const rows = (slopes[0] ?? []).map(({ measure, bound }) => {
    const same = slopes.flatMap((all) => all.find((slope) => slope.measure === measure) ?? [])
    const cells = same.flatMap(({ from, to, perThousand, flat }) => [
      `${one(from)} → ${one(to)}`,
      `${two(perThousand)}${flat ? '' : ' **!**'}`,
    ])
    return [names[measure], ...cells, one(bound)]
  })
  const head = runs.flatMap(({ concurrency }) => [`${concurrency} at a time`, 'a thousand'])
  return `## Lives

A life is made, started, waited for, asked for its output and removed; every fourth has commands and files instead of a main program, every
fourth is on a network. Each has a name, an output and an exit code of its own, and four events in order; all of that is compared.

${table(['at a time', 'lives', 'wrong', 'seconds'], counts)}

![What is held over the lives of containers](soak.svg)

Fifty times on the way, when the engine is at rest: the medians of the first and last fifth after the warm-up, and the slope of the line
through all of them (Theil and Sen's) for each thousand lives, which has to stay below the bound.

${table(['', ...head, 'bound'], rows)}`
}

const moments = (samples: readonly Sample[]): readonly Row[] =>
  measures.map((measure) => [names[measure], ...samples.map((sample) => sample[measure])])

const aliveText = ({ containers, createSeconds, execSeconds, removeSeconds, ...rest }: AliveResult): string => {
  const { before, during, after, wrong } = rest
  const each = (during.engine - before.engine) / containers
  return `## ${containers} at once

${containers} containers, a quarter of them on the default network, were made in ${one(createSeconds)} s, 32 at a time; each said its name (${one(execSeconds)} s); all
were in the list; all were removed (${one(removeSeconds)} s). ${wrong.length} were wrong. Each took ${one(each)} KiB with its init.

${table(['', 'before', 'during', 'after'], moments([before, during, after]))}`
}

const mixText = ({ processes, minutes, kills, deeds, wrong, leftovers, before, after, samples }: MixResult): string => {
  const done = Object.entries(deeds)
  const middle = samples[Math.floor(samples.length / 2)] ?? after
  return `## Everything at once

${processes} processes did everything at once in one store for ${minutes} minutes, ${kills} of them were killed by SIGKILL in the middle of it, each time another
took its place. Each answer was compared: ${wrong.length} of ${after.done} were wrong. When all had ended, ${leftovers.length} things were left behind.

${table(
  done.map(([name]) => name),
  [done.map(([, count]) => count)],
)}

${table(['', 'before', 'in the middle', 'after'], moments([before, middle, after]))}`
}

/** Writes docs/soak.md and docs/soak.svg. */
export const writeReport = (): void => {
  const { lives, alive, mix } = readParts()
  const runs = Object.values(lives).sort((a, b) => a.concurrency - b.concurrency)
  const machine = `Linux ${release()}, ${availableParallelism()} processors, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`
  const parts = [
    '# Soak and load\n\nWritten by `npm run soak`; everything here was measured by it (decision 46).',
    `On ${machine}, beside other work: the times say little.`,
    livesText(runs),
    ...(alive ? [aliveText(alive)] : []),
    ...(mix ? [mixText(mix)] : []),
  ]
  writeFileSync(join(top, 'docs/soak.md'), `${parts.join('\n\n')}\n`)
  writeFileSync(join(top, 'docs/soak.svg'), plotLives(runs))
}
