// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { must } from './run.mjs'

const digest = (bytes) => createHash('sha256').update(bytes).digest('hex')

const unpack = (tarball, folder) => {
  must('mkdir', [folder])
  must('tar', ['--extract', '--same-permissions', `--file=${tarball}`, `--directory=${folder}`])
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return new Map(
    entries.map(({ parentPath, name }) => {
      const path = join(parentPath, name)
      return [path.slice(folder.length + 1), { path, mode: statSync(path).mode & 0o7777, bytes: readFileSync(path) }]
    }),
  )
}

const firstDifference = (a, b) => {
  const at = a.findIndex((byte, index) => byte !== b[index])
  const near = (bytes) => JSON.stringify(bytes.subarray(Math.max(0, at - 40), at + 40).toString('latin1'))
  return `first at byte ${at}:\n    ${near(a)}\n    ${near(b)}`
}

// What differs in a program is told by its sections.
const sectionsThatDiffer = (a, b) => {
  const sections = ({ path }) =>
    spawnSync('readelf', ['--section-headers', '--wide', path], { encoding: 'utf8' }).stdout.split('\n')
  const others = new Set(sections(b))
  return sections(a).filter((line) => !others.has(line))
}

const difference = (name, a, b) => {
  if (!a || !b) return `only in the ${a ? 'first' : 'second'}: ${name}`
  if (a.mode !== b.mode) return `mode of ${name}: ${a.mode.toString(8)} and ${b.mode.toString(8)}`
  if (digest(a.bytes) === digest(b.bytes)) return undefined
  const isProgram = a.bytes.subarray(0, 4).toString('latin1') === '\x7fELF'
  return [`${name}: ${firstDifference(a.bytes, b.bytes)}`, ...(isProgram ? sectionsThatDiffer(a, b) : [])].join(
    '\n    ',
  )
}

/** What differs between two packed packages, one text each; none where they are the same to the byte. */
export const comparePackages = (first, second) => {
  if (digest(readFileSync(first)) === digest(readFileSync(second))) return []
  const scratch = mkdtempSync(join(tmpdir(), 'tscontainer-compare-'))
  try {
    const [a, b] = [unpack(first, join(scratch, 'first')), unpack(second, join(scratch, 'second'))]
    const names = [...new Set([...a.keys(), ...b.keys()])].sort()
    const found = names.map((name) => difference(name, a.get(name), b.get(name))).filter(Boolean)
    return found.length > 0 ? found : ['the files are the same, and how they are packed is not']
  } finally {
    rmSync(scratch, { recursive: true })
  }
}
