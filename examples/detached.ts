// SPDX-License-Identifier: Apache-2.0
// How does a container outlive the program that made it? `npx tsx examples/detached.ts start`, then `… stop`; or both without.
import { Container, EngineError, Image } from 'tscontainer'

const name = 'example-detached'

const start = async (): Promise<void> => {
  const script = 'trap "echo bye; exit 0" TERM; echo hello; while :; do sleep 0.1; done'
  const box = await Container.run(await Image.host(), { name, detached: true, command: ['sh', '-c', script] })
  console.log(`${box.name} runs, whatever becomes of this program`)
}

const stop = async (): Promise<void> => {
  const box = await Container.get(name)
  console.log((await box.exec(['echo', 'still there'])).stdout.trim())
  const exit = await box.stop({ timeoutMs: 2000 })
  for await (const { line } of box.logs()) console.log(`it said: ${line}`)
  console.log(`it ended with ${exit.code}`)
  await box.remove()
}

try {
  if (process.argv[2] !== 'stop') await start()
  if (process.argv[2] !== 'start') await stop()
} catch (error) {
  if (!EngineError.is(error, 'ERR_NAME_IN_USE') && !EngineError.is(error, 'ERR_CONTAINER_NOT_FOUND')) throw error
  console.error(error.message)
  process.exitCode = 1
}
