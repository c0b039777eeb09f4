// SPDX-License-Identifier: Apache-2.0
// How do I hear of what happens? `npx tsx examples/events.ts`
import { Container, Engine, Image } from 'tscontainer'

const engine = Engine.default
const image = await Image.host()

// On the engine: of all containers, also those of other processes. Listeners keep no program alive.
engine.on('stopped', ({ container, exit }) => console.log(`${container.name} ended with ${exit.code}`))

// As a loop, which does.
const life = (async () => {
  for await (const event of engine.events({ filter: { labels: { example: 'events' } } })) {
    console.log(event.type)
    if (event.type === 'removed') return
  }
})()

// On one container: `on` in its options is there before its first event.
const box = await Container.run(image, {
  command: ['sh', '-c', 'exit 3'],
  labels: { example: 'events' },
  on: { running: ({ pid }) => console.log(`running as process ${pid}`) },
})
await box.wait()
await box.remove()
await life
