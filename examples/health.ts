// SPDX-License-Identifier: Apache-2.0
// How is a service kept up, and watched? `npx tsx examples/health.ts`
import { Container, Engine, Image } from 'tscontainer'

// A service that hangs after a second of its first run: it does not end by itself, so that no policy would help. A check finds out.
const service = `
  test -e /tmp/before || first=yes
  touch /tmp/well /tmp/before
  sleep 1
  test -z "$first" || rm /tmp/well
  sleep 1000`
const check = 'test -e /tmp/well || { echo it hangs; exit 1; }'

const box = await Container.create(await Image.host(), {
  labels: { example: 'health' },
  command: ['sh', '-c', service],
  restart: 'on-failure:5',
  healthcheck: { test: check, intervalMs: 100, timeoutMs: 2000, retries: 3 },
})

let runs = 0
box.on('running', () => console.log(`run ${++runs}`))

// From now on, until the checks say so. Waiting in a loop over events keeps the program alive; a listener does not.
const becomes = async (wanted: string): Promise<void> => {
  for await (const event of Engine.default.events({ filter: { labels: { example: 'health' } } }))
    if (event.type === 'health' && event.status === wanted) return
}

try {
  const well = becomes('healthy')
  const ill = becomes('unhealthy')
  await box.start()
  await well
  console.log(box.health)
  await ill
  const { health } = await box.inspect()
  console.log(`unhealthy: ${health?.log.at(-1)?.output.trim()}`)

  // Any signal but its stop signal and SIGKILL is a failure like any other: its policy starts it again.
  const again = becomes('healthy')
  await box.kill('SIGABRT')
  console.log('stopped by us')
  await again
  console.log(`healthy again after ${(await box.inspect()).restartCount} restart`)
} finally {
  await box.remove({ force: true })
}
