// SPDX-License-Identifier: Apache-2.0
// Where does the time of a build go? `npx tsx examples/build-report.ts build.html`
// Builds something with two stages, and writes a page with its graph and a timeline: one file, no scripts, nothing from elsewhere.
import { writeFile } from 'node:fs/promises'
import { type BuildReport, type BuildStepReport, Image } from 'tscontainer'

const columnWidth = 250
const rowHeight = 52
const boxWidth = 210
const boxHeight = 36
const chartWidth = 900
const barHeight = 22

const colours = {
  cached: '#7a8ca3',
  done: '#2f7d4f',
  failed: '#b3362b',
  running: '#b07a1c',
  waiting: '#c9ced6',
} as const

/** The page. Everything that comes from the build is escaped. */
export function reportPage(report: BuildReport): string {
  const title = report.tags[0] ?? report.image?.slice(0, 19) ?? 'a build'
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${escaped(title)}: how it was built</title>
<style>${style}</style>
<h1>${escaped(title)}</h1>
<p>${escaped(summaryOf(report))}</p>
${report.message === null ? '' : `<pre class="failed">${escaped(report.message)}</pre>`}
<h2>Graph</h2>
${graph(report.steps)}
<h2>Timeline</h2>
${timeline(report)}
<h2>Steps</h2>
<table><tr><th>#<th>step<th>line<th>state<th>begins<th>takes<th>adds</tr>
${report.steps.map(row).join('\n')}
</table>
</html>
`
}

const style = `
  body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 960px; padding: 0 1rem; color: #1d2733; background: #fff }
  h1 { font-size: 1.5rem; margin-bottom: 0 } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem }
  svg { display: block; max-width: 100%; height: auto; font: 12px system-ui, sans-serif }
  table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #e4e7ec }
  td.number, th.number { text-align: right } td.step { font-family: ui-monospace, monospace; font-size: 13px; word-break: break-word }
  pre { background: #f6f7f9; padding: .75rem; overflow: auto } .failed { color: #b3362b }`

function summaryOf({ outcome, startedAt, durationMs, steps }: BuildReport): string {
  const count = (state: BuildStepReport['state']) => steps.filter((step) => step.state === state).length
  const done = `${count('done')} of ${steps.length} steps done, ${count('cached')} cached`
  return `${outcome} in ${time(durationMs)}, begun ${startedAt.toISOString()}: ${done}`
}

// Each step one column to the right of the last step that it needs.
function graph(steps: readonly BuildStepReport[]): string {
  const columns = new Map<number, number>()
  const rows: number[] = []
  const places = new Map<number, { readonly x: number; readonly y: number }>()
  for (const { id, needs } of steps) {
    const column = Math.max(-1, ...needs.map((need) => columns.get(need) ?? -1)) + 1
    const row = rows[column] ?? 0
    rows[column] = row + 1
    columns.set(id, column)
    places.set(id, { x: column * columnWidth + 5, y: row * rowHeight + 5 })
  }
  const width = Math.max(1, rows.length) * columnWidth
  const height = Math.max(1, ...rows) * rowHeight + 10
  const lines = steps.flatMap(({ id, needs }) => needs.map((need) => edge(places.get(need), places.get(id))))
  const boxes = steps.map((step) => box(step, places.get(step.id)))
  return svg(width, height, 'The steps and what they need', [...lines, ...boxes])
}

type Place = { readonly x: number; readonly y: number } | undefined

function edge(from: Place, to: Place): string {
  if (!from || !to) return ''
  const [x1, y1, x2, y2] = [from.x + boxWidth, from.y + boxHeight / 2, to.x, to.y + boxHeight / 2]
  const middle = (x1 + x2) / 2
  return `<path d="M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}" fill="none" stroke="#9aa5b4" stroke-width="1.5"/>`
}

function box({ id, name, state }: BuildStepReport, place: Place): string {
  if (!place) return ''
  const { x, y } = place
  const frame = `<rect x="${x}" y="${y}" width="${boxWidth}" height="${boxHeight}" rx="5" fill="#fff" stroke="${colours[state]}" stroke-width="2"/>`
  const label = `<text x="${x + 10}" y="${y + 22}">#${id} ${escaped(shorten(name, 28))}</text>`
  return `<g><title>${escaped(`${name}: ${state}`)}</title>${frame}${label}</g>`
}

function timeline({ steps, durationMs }: BuildReport): string {
  const shown = steps.filter(({ startedMs }) => startedMs !== null)
  const scale = (chartWidth - 60) / Math.max(1, durationMs)
  const bars = shown.map((step, index) => bar(step, index * (barHeight + 6), scale))
  return svg(chartWidth, Math.max(1, shown.length) * (barHeight + 6), 'When each step ran', bars)
}

function bar(step: BuildStepReport, y: number, scale: number): string {
  const x = (step.startedMs ?? 0) * scale
  const width = Math.max(3, step.durationMs * scale)
  const text = `#${step.id} ${shorten(step.name, 60)} ${step.state === 'cached' ? 'cached' : time(step.durationMs)}`
  // Beside the bar where there is room, else before it.
  const fits = x + width + text.length * 6.5 < chartWidth
  const at = fits ? `x="${x + width + 6}"` : `x="${x - 6}" text-anchor="end"`
  const rect = `<rect x="${x}" y="${y}" width="${width}" height="${barHeight}" rx="3" fill="${colours[step.state]}"/>`
  return `<g><title>${escaped(step.name)}</title>${rect}<text ${at} y="${y + 15}">${escaped(text)}</text></g>`
}

function row({ id, name, line, state, startedMs, durationMs, sizeBytes }: BuildStepReport): string {
  const begins = startedMs === null ? '' : time(startedMs)
  const cells = [line ?? '', state, begins, time(durationMs), sizeBytes === 0 ? '' : bytes(sizeBytes)]
  return `<tr><td>${id}<td class="step">${escaped(name)}${cells.map((cell) => `<td>${cell}`).join('')}</tr>`
}

const svg = (width: number, height: number, title: string, parts: readonly string[]): string =>
  `<svg viewBox="0 0 ${width} ${height}" width="${width}" role="img" aria-label="${title}">${parts.join('')}</svg>`

const shorten = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length - 1)}…` : text
const time = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`)
const bytes = (count: number): string =>
  count < 1024 * 1024 ? `${(count / 1024).toFixed(1)} KiB` : `${(count / 1024 / 1024).toFixed(1)} MiB`
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

if (process.argv[1] === import.meta.filename) {
  const [path = 'build.html', base = 'debian:bookworm-slim'] = process.argv.slice(2)
  const build = Image.build({
    dockerfileText: `FROM ${base} AS numbers
RUN seq 100000 > /numbers
FROM ${base} AS words
RUN echo a few words > /words
FROM ${base}
COPY --from=numbers /numbers /all/
COPY --from=words /words /all/
RUN ls -l /all
`,
    tags: ['report:example'],
  })
  await build
  const report = await build.report()
  await writeFile(path, reportPage(report))
  console.log(`${report.steps.length} steps, ${report.outcome}: see ${path}`)
}
