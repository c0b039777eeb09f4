// SPDX-License-Identifier: Apache-2.0
// How does a compose file run? `npx tsx examples/compose.ts`
import { join } from 'node:path'
import { Container, Image } from 'tscontainer'
import { Project } from 'tscontainer/compose'

// What services of the file are run from: this machine's own /usr.
await (await Image.host()).tag('box')

const project = await Project.load(join(import.meta.dirname, 'compose.yaml'))
try {
  // Each when what it needs is there.
  for await (const event of project.up()) {
    if (event.type === 'container' && event.phase === 'started') console.log(`${event.name} started`)
  }
  const db = await Container.get('example-db-1')
  const { stdout } = await db.exec(['cat', '/data/version'])
  console.log(`db is ${db.health}, and ${stdout.trim()}`)

  // Only what changed is made anew: here nothing, and the task runs again.
  const { plan } = await project.up({ scale: { web: 2 }, dryRun: true })
  for (const { action, name, reason } of plan.actions) console.log(`${action} ${name}, since ${reason}`)
} finally {
  await project.down({ volumes: true, timeoutMs: 0 })
}
