// SPDX-License-Identifier: Apache-2.0
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { faults } from './fault-kinds.js'
import type { Walk } from './walk.js'

const page = fileURLToPath(new URL('../../docs/fault-injection.md', import.meta.url))
const heading = `| operation | ${faults.map(({ name }) => name).join(' | ')} |`

type Row = readonly string[]

const rowsOf = (text: string): Map<string, Row> => {
  const [, table = ''] = text.split(heading)
  const lines = table.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| **'))
  return new Map(
    lines.map((line) => {
      const [name = '', ...cells] = line.slice(2, -2).split(' | ')
      return [name, cells]
    }),
  )
}

const numbersIn = (cell: string): readonly number[] => cell.split('/').map(Number)

const total = (rows: Iterable<Row>): string => {
  const cells = [...rows].flat().filter((cell) => cell !== '')
  const [points, steps] = [0, 1].map((index) => cells.reduce((sum, cell) => sum + (numbersIn(cell)[index] ?? 0), 0))
  return `${points} points walked of ${steps} steps.`
}

/** Writes into docs/fault-injection.md how many points of how many steps were walked. A walk with something wrong is no count. */
export const record = async (operation: string, fault: string, { points, steps, wrongs }: Walk): Promise<void> => {
  const text = await readFile(page, 'utf8')
  const rows = rowsOf(text)
  const row = [...(rows.get(operation) ?? faults.map(() => ''))]
  row[faults.findIndex(({ name }) => name === fault)] = wrongs.length > 0 ? '' : `${points}/${steps}`
  rows.set(operation, row)
  const lines = [...rows].map(([name, cells]) => `| ${name} | ${cells.join(' | ')} |`)
  const table = [heading, `|---|${faults.map(() => '---:|').join('')}`, ...lines].join('\n')
  await writeFile(page, `${text.split('<!-- counts -->')[0]}<!-- counts -->\n${total(rows.values())}\n\n${table}\n`)
}
