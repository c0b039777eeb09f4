// SPDX-License-Identifier: Apache-2.0
// Every test of an attack is red without the defence: in a copy of the checkout, in build-defences, each defence that the lists of this folder
// name is taken away, what it is a part of is built, and each test that stands beside it has to fail. docs/security.md marks them.
//   npm run test:defences [-- PART-OF-A-PATH-OR-TITLE…]      as root, where no other engine is
import { join } from 'node:path'
import { top } from '../../scripts/lib/paths.mjs'
import { Stop, script } from '../../scripts/lib/run.mjs'
import { setup } from '../../scripts/setup.mjs'
import { defences } from './defences.ts'
import { failuresOf } from './failures.mjs'
import { MutableTree } from './mutable-tree.mjs'

const fits = (defence, words) => words.length === 0 || words.some((word) => JSON.stringify(defence).includes(word))

// In the order of the lists, each group where its first one stands.
const grouped = (wanted) => {
  const groups = new Map()
  for (const defence of wanted) {
    const key = defence.group ?? defence
    groups.set(key, [...(groups.get(key) ?? []), defence])
  }
  return [...groups.values()]
}

const runGroup = (tree, members) => {
  for (const { without, edits } of members)
    console.log(`\n=== without: ${without} (${edits.map(([file]) => file).join(', ')})`)
  const undo = tree.apply(members.flatMap(({ edits }) => edits))
  try {
    const problem = tree.build(members)
    if (problem !== null) return [{ red: false, name: `${members[0].without}: ${problem}` }]
    return failuresOf(
      tree,
      members.flatMap(({ red }) => red),
    ).map(({ file, title, failures }) => {
      for (const { name, message } of failures) console.log(`red: ${file}: ${name}: ${message ?? ''}`)
      return { red: failures.length > 0, name: `${file}: ${title}` }
    })
  } finally {
    undo()
  }
}

await script(() => {
  setup({ tests: true })
  const tree = new MutableTree(join(top, 'build-defences'))
  tree.refresh()
  const wanted = defences.filter((defence) => fits(defence, process.argv.slice(2)))
  const results = grouped(wanted).flatMap((members) => runGroup(tree, members))
  const green = results.filter(({ red }) => !red)
  for (const { name } of green) console.log(`still green: ${name}`)
  console.log(`${wanted.length} defences taken away, ${results.length - green.length} tests red, ${green.length} green`)
  if (results.length === 0 || green.length > 0)
    throw new Stop('A test that is green without its defence shows nothing.')
})
