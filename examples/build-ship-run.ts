// SPDX-License-Identifier: Apache-2.0
// How does an image get from where it is built to where it runs? `npx tsx examples/build-ship-run.ts debian:bookworm-slim localhost:5000/greeter:1`
// It is built with its provenance, pushed to a registry, pulled into another engine by its digest, and run there.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { Container, Engine, Image } from 'tscontainer'

const [base = 'debian:bookworm-slim', reference = 'localhost:5000/greeter:1'] = process.argv.slice(2)

const built = await Image.build({
  context: { 'greeting.txt': 'hello from afar\n' },
  dockerfileText: `FROM ${base}\nCOPY greeting.txt /\nCMD ["cat", "/greeting.txt"]\n`,
  tags: [reference],
  attest: { provenance: true, sbom: true },
})
const { digest } = await built.push(reference)
console.log(`shipped ${reference}@${digest}`)

// Somewhere else: an engine that has nothing of this one.
const elsewhere = await mkdtemp(join(tmpdir(), 'elsewhere-'))
const engine = await Engine.open({ root: join(elsewhere, 'root'), runRoot: join(elsewhere, 'run') })
try {
  const pulled = await Image.pull(`${reference}@${digest}`, { engine })
  console.log(pulled.id === built.id ? 'arrived as it was built' : 'arrived as another one')
  const box = await Container.run(pulled, { engine, network: 'none' })
  try {
    await box.wait()
    for await (const { line } of box.logs()) console.log(line)
  } finally {
    await box.remove({ force: true })
  }
  await pulled.remove()
} finally {
  await engine.close()
  await removeDirectory(elsewhere)
}

// The engine's own process leaves a moment later, and until then takes away what an ordinary user may not even look into.
async function removeDirectory(path: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const isGone = await rm(path, { recursive: true, force: true }).then(
      () => true,
      () => false,
    )
    if (isGone) return
    await setTimeout(50)
  }
}
