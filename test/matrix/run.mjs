// SPDX-License-Identifier: Apache-2.0
// The privilege matrix: {root, subordinate ids, one id} × {v1 hybrid or v2, no cgroups}, here and under stock kernels in the virtual machine
// of test/vm. `true` has to run in every cell.
//   node test/matrix/run.mjs [--here] [--json] [suite…]      suites of Debian whose kernels are booted: trixie and bookworm by default
//   node test/matrix/run.mjs --cells                          only this machine's, as JSON, with what was built before
import { spawnSync } from 'node:child_process'
import { release } from 'node:os'
import { top } from '../../scripts/lib/paths.mjs'
import { Stop, script } from '../../scripts/lib/run.mjs'
import { setup } from '../../scripts/setup.mjs'
import { runCells } from './cells.mjs'

const flags = process.argv.slice(2).filter((word) => word.startsWith('--'))
const suites = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const slow = Number(process.env.TSC_TEST_SLOW ?? 10)
const seconds = 1500

const inGuest = (suite) => {
  const program = [process.execPath, 'test/matrix/run.mjs', '--cells']
  const boot = ['-k', suite, '-t', String(seconds), '-m', '4096', '--', 'env', `TSC_TEST_SLOW=${slow}`, ...program]
  const { status, stdout } = spawnSync('test/vm/boot.sh', boot, {
    cwd: top,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const line = stdout.split('\n').find((text) => text.startsWith('['))
  if (!line) throw new Stop(`the virtual machine with the kernel of ${suite} gave no answer (${status}):\n${stdout}`)
  return JSON.parse(line)
}

const short = (text) => String(text).split(':')[0]
const row = ({ who, cgroups, kernel, ok, true: ran, error, ...report }) => [
  kernel ?? release(),
  cgroups,
  who,
  ok ? ran.slice('0 in '.length) : `FAILED ${ran ?? error}`,
  report.cgroup?.version ?? '-',
  report.idMap ?? '-',
  report.snapshotter ?? '-',
  short(report.memory),
  short(report.user),
]

const table = (rows) => {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((cells) => Math.min(cells[column].length, 60))))
  return rows
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

await script(() => {
  if (process.getuid() !== 0) throw new Stop('the matrix needs root, to be everybody else', 3)
  // In the guest the root is an overlay, on which there can be no other: there is a disk for that.
  const guest = process.env.VM_RUN === '1'
  if (flags.includes('--cells')) {
    const directory = guest ? '/scratch/matrix' : '/var/tmp/tsc-matrix'
    console.log(JSON.stringify(runCells({ directory, slow: guest ? slow : 1 })))
    return 0
  }
  setup()
  const here = runCells({ directory: '/var/tmp/tsc-matrix', slow: 1 })
  const wanted = suites.length > 0 ? suites : ['trixie', 'bookworm']
  const cells = [...here, ...(flags.includes('--here') ? [] : wanted.flatMap(inGuest))]
  if (flags.includes('--json')) console.log(JSON.stringify(cells, undefined, 2))
  const heading = ['kernel', 'cgroups', 'who', '`true`', 'seen', 'ids', 'root', 'memory: 64 MiB', "user: '1000'"]
  console.log(table([heading, ...cells.map(row)]))
  const failed = cells.filter(({ ok }) => !ok)
  console.log(`${cells.length - failed.length} passed, ${failed.length} failed`)
  return failed.length === 0 ? 0 : 1
})
