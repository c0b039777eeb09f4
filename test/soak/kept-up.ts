// SPDX-License-Identifier: Apache-2.0
// The two ends of test/soak/kept-up.sh: `make`, and `look <from> <to>`, milliseconds since 1970 between which nobody was there.
import { strict as assert } from 'node:assert'
import { join } from 'node:path'
import { Container, Engine, Image } from '../../src/index.js'

const directory = process.env.TSC_SOAK ?? ''
const engine = await Engine.open({ root: join(directory, 'root'), runRoot: join(directory, 'run') })
const crash = 'date +%s%3N; exit 3'
// Fails every other time, and writes down when.
const flap = `n=$(($(wc -l < /tmp/checks 2>/dev/null || echo 0) + 1)); date +%s%3N >> /tmp/checks; exit $((n % 2))`

const make = async (): Promise<void> => {
  const image = await Image.host({ engine })
  const common = { engine, detached: true } as const
  await Container.run(image, { ...common, name: 'crashes', restart: 'always', command: ['sh', '-c', crash] })
  const healthcheck = { test: flap, intervalMs: 250, retries: 1 }
  await Container.run(image, { ...common, name: 'flaps', idle: true, healthcheck })
}

// How many restarts fit, by the back-off; one may be under way at either end.
const restartsWithin = (ms: number): number => {
  let count = 0
  for (let [time, delay] = [0, 100]; time + delay < ms; count++)
    [time, delay] = [time + delay, Math.min(2 * delay, 60_000)]
  return count
}

const look = async (from: number, to: number): Promise<void> => {
  const within = (times: readonly string[]) => times.map(Number).filter((time) => time >= from && time <= to)
  const crashes = await Container.get('crashes', { engine })
  const runs: string[] = []
  for await (const { line } of crashes.logs()) runs.push(line)
  const { restartCount } = await crashes.inspect()
  const flaps = await Container.get('flaps', { engine })
  const checks = within((await flaps.sh('cat /tmp/checks')).stdout.trim().split('\n'))
  const { health } = await flaps.inspect()
  const seconds = (to - from) / 1000
  console.log(
    `${seconds.toFixed(1)} s without Node: ${within(runs).length} restarts (${restartCount} in all), ${checks.length} checks`,
  )
  for (const box of [crashes, flaps]) await box.remove({ force: true })
  assert(restartCount >= restartsWithin(to - from) - 1, 'restarts are missing')
  assert(checks.length > seconds, 'checks are missing')
  const codes = health?.log.map(({ exitCode }) => exitCode).join('')
  assert(codes === '01010' || codes === '10101', `the checks say ${codes}`)
  const gaps = checks.slice(1).map((time, index) => time - (checks[index] ?? 0))
  assert(Math.max(...gaps) < 5000, `no check for ${Math.max(...gaps)} ms`)
}

const [what, from, to] = process.argv.slice(2)
if (what === 'make') await make()
else await look(Number(from), Number(to))
await engine.close()
