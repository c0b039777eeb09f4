// SPDX-License-Identifier: Apache-2.0
// Long runs that are not part of the tests. Each fails where an answer is wrong or something grows.
//   npm run soak                       lives, alive, mix and report
//   npm run soak -- lives              [--lives 10000] [--concurrency 1,8,64] [--minutes 60] at most, for each
//   npm run soak -- alive              [--containers 1000], all there at once
//   npm run soak -- mix                [--minutes 10] [--processes 10] on one store, some of which are killed
//   npm run soak -- report             docs/soak.md and docs/soak.svg of what has been measured
//   npm run soak -- exec [count]       10,000 commands in one container
//   npm run soak -- network [count]    as many times connected and disconnected
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { makeWorld, settle, type World } from '../crash/world.js'
import { soakAlive } from './alive.js'
import { soakCounts } from './counts.js'
import { soakLives } from './lives.js'
import { soakMix } from './mix.js'
import { keepPart } from './parts.js'
import { writeReport } from './report.js'
import { slopesOf } from './slope.js'

setFlagsFromString('--expose-gc')
global.gc = runInNewContext('gc') as NonNullable<typeof global.gc>

const text = (fallback: string) => ({ type: 'string', default: fallback }) as const
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    lives: text('10000'),
    concurrency: text('1,8,64'),
    containers: text('1000'),
    minutes: { type: 'string' },
    processes: text('10'),
  },
})

// Until the supervisor has left, which it does when it has cleared its root.
const endMs = 60_000

const inWorld = async <T>(work: (world: World) => Promise<T>): Promise<T> => {
  const world = await makeWorld(undefined, fileURLToPath(new URL('mix-actor.ts', import.meta.url)))
  try {
    const result = await work(world)
    const left = await settle(world, { timeoutMs: endMs })
    if (left.length > 0) throw new Error(`left behind:\n${left.join('\n')}`)
    return result
  } finally {
    await world.remove()
  }
}

const judge = (name: string, faults: readonly string[]): void => {
  console.log(faults.length === 0 ? `${name}: as it should be` : `${name}:\n  ${faults.join('\n  ')}`)
  if (faults.length > 0) process.exitCode = 1
}

const lives = async (): Promise<void> => {
  for (const concurrency of values.concurrency.split(',').map(Number)) {
    const result = await inWorld(async (world) => {
      const lived = await soakLives(world, {
        lives: Number(values.lives),
        concurrency,
        minutes: Number(values.minutes ?? 60),
      })
      keepPart({ lives: { [concurrency]: lived } })
      return lived
    })
    const slopes = slopesOf(result.samples)
    console.table(slopes)
    const steep = slopes.filter(({ flat }) => !flat)
    const grown = steep.map((one) => `${one.measure} grows by ${one.perThousand.toFixed(2)} ${one.unit} a thousand`)
    judge(`${result.lives} lives, ${concurrency} at a time, ${result.seconds.toFixed(0)} s`, [
      ...result.wrong,
      ...grown,
    ])
  }
}

const alive = async (): Promise<void> => {
  const result = await inWorld(async (world) => {
    const lived = await soakAlive(world, Number(values.containers))
    keepPart({ alive: lived })
    return lived
  })
  judge(`${result.containers} containers at once`, result.wrong)
}

const mix = async (): Promise<void> => {
  const result = await inWorld(async (world) => {
    const mixed = await soakMix(world, { processes: Number(values.processes), minutes: Number(values.minutes ?? 10) })
    keepPart({ mix: mixed })
    return mixed
  })
  console.log(result.deeds)
  judge(`${result.processes} processes for ${result.minutes} minutes`, [...result.wrong, ...result.leftovers])
}

const parts: Readonly<Record<string, () => Promise<void>>> = {
  lives,
  alive,
  mix,
  report: async () => writeReport(),
  exec: () => soakCounts('exec', Number(positionals[1] ?? 10_000)),
  network: () => soakCounts('network', Number(positionals[1] ?? 10_000)),
}
const [wanted] = positionals
if (wanted !== undefined && !parts[wanted])
  throw new Error(`there is no soak ${wanted}: ${Object.keys(parts).join(', ')}`)
for (const name of wanted === undefined ? ['lives', 'alive', 'mix', 'report'] : [wanted]) await parts[name]?.()
