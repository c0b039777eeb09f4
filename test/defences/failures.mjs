// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path'
import { doctest, vitest } from '../../scripts/lib/counts.mjs'
import { ensureFixtures } from '../../scripts/lib/fixtures.mjs'

const escaped = (text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')

// Of the full names of a test whose title is this in its source: what stands for a case's values may be anything.
const patternOf = (title) =>
  title
    .split(/%[sjod]|\$\{\w+\}/)
    .map(escaped)
    .join('.*')

const ofVitest = (tree, file, titles) => {
  const [project] = file.split('/')
  const patterns = titles.map(patternOf)
  const args = ['--project', project, `test/${file}.test.ts`, '--testNamePattern', patterns.join('|')]
  const { failures } = vitest(file, 'root', args, { tree: tree.path, env: { ...process.env, ...ensureFixtures() } })
  return titles.map((title, index) => ({
    title,
    failures: failures.filter(({ name }) => new RegExp(patterns[index]).test(name)),
  }))
}

const ofDoctest = (tree, file, titles) => {
  const program = join(tree.path, 'build/Release/tscontainer-tests')
  const { failures } = doctest(file, program, { args: [`--source-file=*${file}.cc`], cwd: tree.path })
  return titles.map((title) => ({ title, failures: failures.filter(({ name }) => name === title) }))
}

/** The failures of each of these tests in the tree; tests are pairs of a file and a title, as docs/security.md has them. */
export const failuresOf = (tree, tests) =>
  [...new Set(tests.map(([file]) => file))].flatMap((file) => {
    const titles = tests.flatMap(([of, title]) => (of === file ? [title] : []))
    const found = (file.includes('/') ? ofVitest : ofDoctest)(tree, file, titles)
    return found.map((each) => ({ file, ...each }))
  })
