// SPDX-License-Identifier: Apache-2.0
import { Container, type Engine, Image, Network } from '../../src/index.js'
import type { Soaked } from './execs.js'
import { useOf } from './use.js'

const atOnce = 4

/** Connects and disconnects containers that often, a few at a time; throws when one has another link than before. */
export async function soakConnects(engine: Engine, count: number): Promise<Soaked> {
  const image = await Image.host({ engine })
  const network = await Network.create({ engine })
  const boxes = await Promise.all(
    Array.from({ length: atOnce }, () => Container.run(image, { engine, idle: true, network: 'none' })),
  )
  const cycles = (times: number) =>
    Promise.all(
      boxes.map(async (box) => {
        for (let cycle = 0; cycle < times / atOnce; cycle++) {
          await network.connect(box)
          await network.disconnect(box)
        }
        const { stdout } = await box.exec(['ls', '/sys/class/net'])
        if (stdout !== 'lo\n') throw new Error(`${box.name} has the links ${stdout}`)
      }),
    )
  try {
    const started = performance.now()
    await cycles(count / 10)
    const before = await useOf(engine)
    await cycles((count * 9) / 10)
    return { count, seconds: (performance.now() - started) / 1000, before, after: await useOf(engine) }
  } finally {
    for (const box of boxes) await box.remove({ force: true })
    await network.remove()
  }
}
