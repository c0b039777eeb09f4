// SPDX-License-Identifier: Apache-2.0
import type { LivesResult } from './lives.js'
import type { Measure } from './sample.js'

const panels: readonly { readonly measure: Measure; readonly title: string; readonly scale: number }[] = [
  { measure: 'engine', title: 'supervisor and its processes, PSS (MiB)', scale: 1 / 1024 },
  { measure: 'node', title: 'Node, PSS (MiB)', scale: 1 / 1024 },
  { measure: 'heap', title: "Node's heap (MiB)", scale: 1 / 1024 },
  { measure: 'descriptors', title: 'descriptors', scale: 1 },
  { measure: 'processes', title: 'processes', scale: 1 },
  { measure: 'threads', title: 'threads', scale: 1 },
  { measure: 'cgroups', title: 'cgroups', scale: 1 },
  { measure: 'mounts', title: 'mounts', scale: 1 },
  { measure: 'disk', title: 'disk (MiB)', scale: 1 / 1024 },
]

const columns = 3
const [width, height] = [320, 180]
const inner = { left: 46, top: 30, right: 24, bottom: 26 }
const colours = ['#0072b2', '#d55e00', '#009e73']
const dashes = ['', '6 3', '2 2']

const number = (value: number): string => String(Math.round(value * 100) / 100)

// The least of 1, 2 and 5 times a power of ten that reaches so far.
const roundUp = (value: number): number => {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)))
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= value) ?? value
}

const text = (x: number, y: number, words: string, more = ''): string =>
  `<text x="${x}" y="${y}"${more}>${words}</text>`

const panel = (runs: readonly LivesResult[], index: number): string => {
  const { measure, title, scale } = panels[index] ?? { measure: 'heap' as const, title: '', scale: 1 }
  const most = roundUp(Math.max(...runs.flatMap(({ samples }) => samples.map((one) => one[measure] * scale))))
  const lives = Math.max(...runs.map((run) => run.lives))
  const across = width - inner.left - inner.right
  const down = height - inner.top - inner.bottom
  const x = (done: number) => number(inner.left + (done / lives) * across)
  const y = (value: number) => number(inner.top + (1 - value / most) * down)
  const lines = [0, 0.5, 1].flatMap((part) => [
    `<line x1="${inner.left}" x2="${width - inner.right}" y1="${y(part * most)}" y2="${y(part * most)}" stroke="#ddd"/>`,
    text(inner.left - 6, Number(y(part * most)) + 4, number(part * most), ' text-anchor="end"'),
  ])
  const ticks = [0, 0.5, 1].map((part) =>
    text(Number(x(part * lives)), height - 10, number(part * lives), ' text-anchor="middle"'),
  )
  const curves = runs.map(({ samples }, run) => {
    const points = samples.map((one) => `${x(one.done)},${y(one[measure] * scale)}`).join(' ')
    return `<polyline points="${points}" fill="none" stroke="${colours[run]}" stroke-width="1.6" stroke-dasharray="${dashes[run]}"/>`
  })
  const place = `translate(${(index % columns) * width} ${Math.floor(index / columns) * height + 34})`
  return [
    `<g transform="${place}">`,
    text(inner.left, 18, title, ' font-weight="bold"'),
    ...lines,
    ...ticks,
    ...curves,
    '</g>',
  ].join('\n')
}

const legend = (runs: readonly LivesResult[]): string =>
  runs
    .map(({ concurrency }, run) => {
      const left = 46 + run * 150
      return `<line x1="${left}" x2="${left + 30}" y1="18" y2="18" stroke="${colours[run]}" stroke-width="2" stroke-dasharray="${dashes[run]}"/>${text(left + 36, 22, `${concurrency} at a time`)}`
    })
    .join('\n')

/** One curve a run in each panel: what was held, over the lives lived. Every axis begins at zero. */
export const plotLives = (runs: readonly LivesResult[]): string => {
  const size = [columns * width, Math.ceil(panels.length / columns) * height + 40] as const
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size[0]} ${size[1]}" width="${size[0]}" height="${size[1]}" font-family="sans-serif" font-size="11" fill="#222">`,
    '<title>What is held over the lives of containers</title>',
    `<rect width="${size[0]}" height="${size[1]}" fill="#fff"/>`,
    legend(runs),
    ...panels.map((_, index) => panel(runs, index)),
    '</svg>',
    '',
  ].join('\n')
}
