// SPDX-License-Identifier: Apache-2.0
// The table of docs/fuzzing.md: what has been run so far, added up run by run.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { top } from './paths.mjs'

const file = join(top, 'docs/fuzzing.md')
const [opening, closing] = ['<!-- record -->', '<!-- end of record -->']
const head = ['| | seconds | executions | edges reached | finds |', '|---|---:|---:|---:|---:|']

const number = (text) => Number(text.replaceAll(',', '')) || 0
const text = (value) => value.toLocaleString('en')

const parse = (line) => {
  const [name, seconds, executions, edges, finds] = line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())
  return [
    name,
    { seconds: number(seconds), executions: number(executions), edges: number(edges), finds: number(finds) },
  ]
}

const print = ([name, { seconds, executions, edges, finds }]) =>
  `| ${name} | ${text(seconds)} | ${text(executions)} | ${edges === 0 ? '' : text(edges)} | ${finds} |`

const sum = (rows, key) => rows.reduce((total, row) => total + row[key], 0)

/** Adds one run to it. The edges are the most that one run has reached. */
export const record = ({ name, seconds, executions, edges = 0, finds }) => {
  const page = readFileSync(file, 'utf8')
  const [before, rest] = page.split(opening)
  const [table, after] = rest.split(closing)
  const rows = new Map(
    table
      .trim()
      .split('\n')
      .slice(head.length)
      .map(parse)
      .filter(([known]) => known !== '**all**'),
  )
  const had = rows.get(name) ?? { seconds: 0, executions: 0, edges: 0, finds: 0 }
  rows.set(name, {
    seconds: had.seconds + seconds,
    executions: had.executions + executions,
    edges: Math.max(had.edges, edges),
    finds: had.finds + finds.length,
  })
  const lines = [...rows].sort(([one], [other]) => one.localeCompare(other)).map(print)
  const values = [...rows.values()]
  const all = {
    seconds: sum(values, 'seconds'),
    executions: sum(values, 'executions'),
    edges: 0,
    finds: sum(values, 'finds'),
  }
  writeFileSync(
    file,
    `${before}${opening}\n${[...head, ...lines, print(['**all**', all])].join('\n')}\n${closing}${after}`,
  )
}
