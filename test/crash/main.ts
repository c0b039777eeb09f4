// SPDX-License-Identifier: Apache-2.0
// Kills everybody at every step: npm run test:crash [-- --kills N] [-- --only TEXT]
import { parseArgs } from 'node:util'
import { Actor } from './actor-process.js'
import { buildSteps } from './build-steps.js'
import { buildKillAt } from './kill-at.js'
import { makeMaterials } from './materials.js'
import { networkSteps } from './network-steps.js'
import { childSteps, detachedSteps, nodeSteps, ownedSteps } from './steps.js'
import { sweep } from './sweep.js'
import { detachedUseSteps, useSteps } from './use-steps.js'
import { makeWorld } from './world.js'

const { values } = parseArgs({ options: { kills: { type: 'string', default: '25' }, only: { type: 'string' } } })
const kills = Number(values.kills)

const world = await makeWorld()
const started = performance.now()
let failed = 0
let stop = async () => {}
try {
  const materials = await makeMaterials(world.directory)
  stop = materials.stop
  const ring = { tool: await buildKillAt(world.directory), world, actor: await Actor.start(world) }
  await ring.actor.do('image')
  await ring.actor.do('close')
  const steps = [
    ...ownedSteps(materials),
    ...childSteps(materials),
    ...nodeSteps(materials),
    ...detachedSteps(),
    ...useSteps(materials),
    ...detachedUseSteps(materials),
    ...networkSteps(),
    ...buildSteps(materials),
  ]
  for (const step of steps.filter(({ name }) => name.includes(values.only ?? ''))) {
    const begun = performance.now()
    const { calls, kills: killed, wrongs } = await sweep(ring, step, { kills, ends: true })
    const seconds = ((performance.now() - begun) / 1000).toFixed(1)
    console.log(
      `${wrongs.length === 0 ? 'ok ' : 'BAD'} ${step.name}: ${killed} kills over ${calls} calls, ${seconds} s`,
    )
    for (const line of wrongs) console.log(`      ${line}`)
    if (wrongs.length > 0 || killed === 0) failed++
  }
  await ring.actor.end()
} finally {
  await stop()
  await world.remove()
}
console.log(`${failed} steps failed, ${((performance.now() - started) / 1000).toFixed(0)} s`)
process.exitCode = failed > 0 ? 1 : 0
