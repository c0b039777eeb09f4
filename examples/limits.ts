// SPDX-License-Identifier: Apache-2.0
// How do I limit what a container may use, and see what it does use? `npx tsx examples/limits.ts`
import { Container, EngineError, Image } from 'tscontainer'

const image = await Image.host()
const limits = { memory: '64MiB', cpus: 0.5, pidsLimit: 64 } as const

try {
  const box = await Container.run(image, { command: ['sh', '-c', 'while :; do :; done'], ...limits })
  try {
    let samples = 0
    for await (const { cpu, memory, pids } of box.stats({ intervalMs: 200 })) {
      const percent = cpu.percent === null ? '' : `${cpu.percent.toFixed(0)} % of a processor, `
      console.log(`${percent}${memory.usageBytes} of ${memory.limitBytes} bytes, ${pids} processes`)
      if (++samples === 3) break
    }
    await box.update({ cpus: 0.1 })
    console.log('from now on a tenth of a processor')
  } finally {
    await box.remove({ force: true })
  }
} catch (error) {
  // An ordinary user may limit what the system hands down to him. The error says how to get that.
  if (!EngineError.is(error, 'ERR_LIMIT_UNSUPPORTED')) throw error
  console.log(`${error.message}\n${error.hint}`)
}
